import type { ChildProcess, spawn as Spawn, StdioOptions } from "node:child_process";
import { type AuthError, MAX_TOKEN_LENGTH, type Signal } from "@x/auth-core";

/** A command and how to run it, without a shell. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its standard input; empty if left out. */
  readonly input?: string;
  /** The file descriptor of its result: standard output if left out; with 3, standard output is ignored. */
  readonly answersOn?: 1 | 3;
  readonly timeoutMs: number;
  readonly signal?: Signal | undefined;
  /** Creates the error for a failure. */
  readonly failed: (why: string) => AuthError;
}

/** With a longer delay, `setTimeout` fires immediately. */
const LONGEST_MS = 2_147_483_647;

/** Allows for white space around the longest token. */
const MAX_BYTES = 4 * MAX_TOKEN_LENGTH;

/**
 * Returns a command's standard output, at most 64 KiB; ignores its standard error, which may contain a secret. On a
 * timeout, too much output or an abort, kills the command and all processes it started, and rejects only once it has
 * exited.
 */
export async function outputOf({
  command,
  args,
  env,
  input,
  answersOn = 1,
  timeoutMs,
  signal,
  failed,
}: Command): Promise<string> {
  // Loaded on demand: most users of the package run no command. Jest's CommonJS has no `import()`.
  const { spawn } = process.getBuiltinModule("node:child_process");
  if (signal?.aborted) throw signal.reason;
  return new Promise((resolve, reject) => {
    const child = start(spawn);
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      act();
    };
    const giveUp = (reason: unknown) => {
      const end = () => settle(() => reject(reason));
      // Processes that it started may keep its output open after it has exited.
      if (child.exitCode === null && child.signalCode === null) child.once("exit", end);
      else end();
      kill(child);
    };
    const abort = () => giveUp(signal?.reason);
    const timer = setTimeout(
      () => giveUp(failed(`it did not finish within ${timeoutMs} ms`)),
      Math.min(timeoutMs, LONGEST_MS),
    );
    signal?.addEventListener("abort", abort);
    child.stdio[answersOn]?.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_BYTES) giveUp(failed(`it printed more than ${MAX_BYTES} bytes`));
      else chunks.push(chunk);
    });
    child.on("error", (error) => settle(() => reject(notStarted(error))));
    child.on("close", (code, by) => {
      settle(() => {
        if (code === 0) resolve(Buffer.concat(chunks).toString("utf8"));
        else reject(failed(code === null ? `it was ended by ${by}` : `it ended with code ${code}`));
      });
    });
    // A command that exits without reading its input explains itself by its exit code.
    child.stdin?.on("error", () => {}).end(input);
  });

  function start(spawn: typeof Spawn): ChildProcess {
    try {
      // In its own process group, so that the processes it starts are killed with it.
      const detached = process.platform !== "win32";
      const stdin = input === undefined ? "ignore" : "pipe";
      const stdio: StdioOptions =
        answersOn === 1 ? [stdin, "pipe", "ignore"] : [stdin, "ignore", "ignore", "pipe"];
      const child = spawn(command, args, { detached, env, stdio, windowsHide: true });
      if (child.stdio !== undefined) return child;
      // Too many files are open. Node also emits this error, which would end the process if unhandled.
      child.on("error", () => {});
      throw Object.assign(new Error(), { code: "EMFILE" });
    } catch (error) {
      throw notStarted(error);
    }
  }

  /** Only the code of the system's error: its message may quote an argument. */
  function notStarted(error: unknown): AuthError {
    const { code } = error as NodeJS.ErrnoException;
    return failed(
      code === "ENOENT" ? "it is not installed, or not in PATH" : `it cannot be started (${code})`,
    );
  }
}

/** Kills the command and all processes it started. */
function kill(child: ChildProcess): void {
  for (const stream of child.stdio.slice(1)) stream?.destroy();
  try {
    if (child.pid !== undefined && process.platform !== "win32") process.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // It has already ended.
  }
}
