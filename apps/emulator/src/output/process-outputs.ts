import { Console } from "node:console";
import { closeSync } from "node:fs";
import { Writable } from "node:stream";
import { isatty } from "node:tty";
import { inspect } from "node:util";
import { type DroppedText, ProcessOutput } from "./process-output.ts";

/** Both streams of this process. */
export interface ProcessOutputs {
  readonly out: ProcessOutput;
  readonly err: ProcessOutput;
  /** True while an unresponsive disk keeps the process from exiting. */
  readonly isStuck: boolean;
  /** Exits once the output is written, or after a timeout: see {@link ProcessOutput.end}. */
  exit(code: number): Promise<never>;
}

export interface TakeOverOptions {
  /** Applied to each piece of text last. @default unchanged */
  readonly redact?: (text: string) => string;
  /** Child processes write to standard error, too. @default false */
  readonly isShared?: boolean;
}

/** The bytes that a long-running process buffers for a stalled reader. */
const MAX_WAITING_BYTES = 256 * 1_024;

/**
 * Routes all output of this process through a {@link ProcessOutput}: `console`, and uncaught errors, which exit with 1.
 * For the entry point of a program, not for a library.
 */
export function takeOverOutput({ redact, isShared = false }: TakeOverOptions = {}): ProcessOutputs {
  const options = redact === undefined ? {} : { redact };
  const out = new ProcessOutput(process.stdout, options);
  const err = new ProcessOutput(process.stderr, { ...options, isShared });
  globalThis.console = new Console({ stdout: writableTo(out), stderr: writableTo(err) });
  letGoOfClosedTerminals();
  process.on("uncaughtException", (error) => {
    err.write(`${inspect(error)}\n`);
    process.exit(1);
  });
  return {
    out,
    err,
    get isStuck() {
      return out.isStuck || err.isStuck;
    },
    async exit(code) {
      await Promise.all([out.end(), err.end()]);
      endProcess(code, out.isStuck || err.isStuck);
    },
  };
}

/** On exit, Node restores its terminal's settings, and aborts if the terminal no longer exists. */
function letGoOfClosedTerminals(): void {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.on("exit", () => {
    for (const fd of terminals) if (!isatty(fd)) closeSync(fd);
  });
}

/** Exits even if a thread blocked by a disk would prevent it: a normal exit waits for all threads. */
function endProcess(code: number, isStuck: boolean): never {
  if (isStuck) process.kill(process.pid, "SIGKILL");
  process.exit(code);
}

/** For long-running processes: a stalled reader costs lines, but neither time nor memory. */
export function dropWhatIsNotRead(
  { out, err }: ProcessOutputs,
  onResumed?: (dropped: DroppedText) => void,
): void {
  for (const output of [out, err]) {
    output.dropBeyond(
      MAX_WAITING_BYTES,
      onResumed ?? ((dropped) => output.write(`${describeDropped(dropped)}\n`)),
    );
  }
}

export function describeDropped({ count, code }: DroppedText): string {
  const why = code === null ? "they were not read" : `they could not be written (${code})`;
  return `${count} ${count === 1 ? "line" : "lines"} dropped: ${why}`;
}

function writableTo(output: ProcessOutput): Writable {
  return new Writable({
    decodeStrings: false,
    write(text, _encoding, done) {
      output.write(String(text));
      done();
    },
  });
}
