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
  /** True while a disk that does not answer keeps the process from exiting. */
  readonly isStuck: boolean;
  /** Ends the process, once what was printed is written or after a short time: see {@link ProcessOutput.end}. */
  exit(code: number): Promise<never>;
}

export interface TakeOverOptions {
  /** Applied to each piece of text last. @default unchanged */
  readonly redact?: (text: string) => string;
  /** Processes that this one starts write to standard error, too. @default false */
  readonly isShared?: boolean;
}

/** How many bytes a process that runs until it is stopped keeps for a reader that stalls. */
const MAX_WAITING_BYTES = 256 * 1_024;

/**
 * Has all that this process prints go through a {@link ProcessOutput}: `console`, and an error that no one handles,
 * which ends the process with 1. For the entry of a program, not for a library.
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

/** Node sets its terminal back as it was when it exits, and aborts where that terminal is not there any more. */
function letGoOfClosedTerminals(): void {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.on("exit", () => {
    for (const fd of terminals) if (!isatty(fd)) closeSync(fd);
  });
}

/** Ends the process, even when a thread that a disk holds keeps it from exiting: exiting waits for its threads. */
function endProcess(code: number, isStuck: boolean): never {
  if (isStuck) process.kill(process.pid, "SIGKILL");
  process.exit(code);
}

/** For a process that runs until it is stopped: a reader that stalls costs it lines, and neither time nor memory. */
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
