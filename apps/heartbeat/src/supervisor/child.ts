import { type ChildProcess, spawn } from "node:child_process";
import { exitCodeOf } from "./signals.ts";

/** Between SIGTERM and SIGKILL. */
const KILL_AFTER_MS = 5_000;

/** Exit codes as a shell reports them. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** How a command ended. */
export interface Ended {
  /** Its own exit code; 128 plus the signal's number; 127 and 126 when it could not be started. */
  readonly code: number;
  /** Readable text. */
  readonly how: string;
}

/** A running command with this process's own input and output. */
export class Child {
  readonly ended: Promise<Ended>;
  /** `null` if it could not be started. */
  readonly #process: ChildProcess | null;

  constructor(file: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    let child: ChildProcess;
    try {
      child = spawn(file, args, { env, stdio: "inherit" });
    } catch (error) {
      // `spawn` emits a few of the system's errors, such as ENOENT, and throws the others, such as ENOTDIR.
      this.#process = null;
      this.ended = Promise.resolve(notStarted(error as NodeJS.ErrnoException));
      return;
    }
    this.#process = child;
    this.ended = new Promise((resolve) => {
      child.once("error", (error) => resolve(notStarted(error)));
      child.once("exit", (code, signal) => resolve(endedWith(code, signal)));
    });
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Ends it, with SIGKILL if necessary. */
  async end(): Promise<void> {
    this.kill("SIGTERM");
    const timer = setTimeout(() => this.kill("SIGKILL"), KILL_AFTER_MS);
    await this.ended;
    clearTimeout(timer);
  }
}

function notStarted({ code, message }: NodeJS.ErrnoException): Ended {
  return {
    code: code === "ENOENT" ? NOT_FOUND : NOT_EXECUTABLE,
    how: code === "ENOENT" ? "it was not found" : `it could not be started (${code ?? message})`,
  };
}

function endedWith(code: number | null, signal: NodeJS.Signals | null): Ended {
  if (signal !== null) return { code: exitCodeOf(signal), how: `it was ended by ${signal}` };
  return { code: code ?? 1, how: `it exited with ${code}` };
}
