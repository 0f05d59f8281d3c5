import { Socket } from "node:net";
import { type DroppedText, ProcessOutput } from "@x/emulator/output";
import { betweenLog, pick, type Random, untilNext } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What the reader of a log does when it does not read. */
const TROUBLES = ["stalled", "full", "gone"] as const;
type Trouble = (typeof TROUBLES)[number];
type Stream = ConstructorParameters<typeof ProcessOutput>[0];
const CODES = { full: "ENOSPC", gone: "EPIPE" } as const;

export interface LogReaderOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly redact: (text: string) => string;
  readonly meanGapMs: number;
  readonly shortestMs: number;
  readonly longestMs: number;
  /** Called once lines are read again after some were dropped. */
  readonly onGap: (dropped: DroppedText) => void;
}

export interface LogReport {
  readonly lines: number;
  readonly dropped: number;
  /** Neither read nor counted as dropped. Must stay 0. */
  readonly missing: number;
  /** Lines with a token, however it is spelled. Must stay 0. */
  readonly leaks: number;
  readonly troubles: Readonly<Record<Trouble, number>>;
}

/** So little waits for a reader: a small fleet's log is to overflow, too. */
const MAX_WAITING_BYTES = 16 * 1_024;
/** How many spellings are looked for: an answer is logged at once, or never. */
const WATCHED = 200;
const TOKEN = /(?<![\w-])[\w-]{43}(?![\w-])/;

export type LogReader = ReturnType<typeof createLogReader>;

/** A log with the runner's own output, and a reader that stalls, whose disk is full, or that leaves. */
export function createLogReader(options: LogReaderOptions) {
  const { time, random, redact, meanGapMs, shortestMs, longestMs, onGap } = options;
  const troubles = { stalled: 0, full: 0, gone: 0 };
  const watched: string[] = [];
  let printed = 0;
  let lines = 0;
  let leaks = 0;
  let trouble: Trouble | null = null;
  let isCleared = false;
  /** What a stalled reader has not taken. */
  let held = () => {};

  function read(text: string): void {
    for (const line of text.split("\n").slice(0, -1)) {
      lines += 1;
      if (TOKEN.test(line) || watched.some((written) => line.includes(written))) leaks += 1;
    }
  }

  const stream = Object.assign(new Socket(), {
    fd: -1,
    write(bytes: Buffer, done: (error?: Error) => void): boolean {
      const take = () => {
        read(bytes.toString("utf8"));
        setImmediate(done);
      };
      if (trouble === null) take();
      else if (trouble === "stalled") held = take;
      else setImmediate(done, Object.assign(new Error(trouble), { code: CODES[trouble] }));
      return true;
    },
  });
  // Of a terminal's or pipe's stream, this is what is used.
  const output = new ProcessOutput(stream as unknown as Stream, { redact, retryMs: 1 });
  output.dropBeyond(MAX_WAITING_BYTES, onGap);

  function begin(): void {
    if (isCleared) return;
    trouble = pick(random, TROUBLES);
    troubles[trouble] += 1;
    time.after(betweenLog(random, shortestMs, longestMs), end);
  }

  function end(): void {
    trouble = null;
    const take = held;
    held = () => {};
    take();
    time.after(untilNext(random, meanGapMs), begin);
  }

  time.after(untilNext(random, meanGapMs), begin);
  return {
    print(line: string) {
      printed += 1;
      output.write(line);
    },
    /** A token's spelling, which must not be in the log from now on. */
    watchFor(written: string) {
      // The middle: a token's first characters are shown, and control characters are not.
      const part = written.slice(8, 28);
      if (watched.push(part) > WATCHED) watched.shift();
    },
    report: () => ({
      lines,
      dropped: output.dropped,
      missing: printed - lines - output.dropped,
      leaks,
      troubles,
    }),
    /** It reads from now on. */
    clear() {
      isCleared = true;
      end();
    },
    /** Settles when all that waits was read. */
    end: () => output.end(),
  };
}
