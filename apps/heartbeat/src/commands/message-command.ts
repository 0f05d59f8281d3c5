import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { Env } from "@x/auth-core";
import { childEnvironment } from "../config/child-environment.ts";
import { MAX_ANSWER_BYTES, STOPPING } from "../workspace/inbox/handle.ts";
import type { HandlerOptions, InboxMessage, MessageHandler } from "../workspace/inbox/message.ts";

/** Between SIGTERM and SIGKILL; shorter while the runner is stopping. */
const KILL_AFTER_MS = 5_000;
const KILL_AT_STOP_MS = 500;
/** A process that the command started may keep its output open after it has exited. */
const OUTPUT_AFTER_EXIT_MS = 1_000;
const MAX_LINE_LENGTH = 4_096;

/**
 * Handles messages with a shell command, one process for each: the message is JSON on standard input, its output is the
 * answer, and its standard error is logged.
 */
export function messageCommand(
  command: string,
  env: Env,
  store: { readonly hasStore?: boolean } = {},
): MessageHandler {
  return (message, options) => runCommand(command, childEnvironment(env, store), message, options);
}

function runCommand(
  command: string,
  env: NodeJS.ProcessEnv,
  message: InboxMessage,
  { signal, log }: HandlerOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    // Its own process group: Ctrl-C in the runner's terminal does not reach it, and the whole group can be ended
    // together.
    const child: ChildProcess = spawn("/bin/sh", ["-c", command], { env, detached: true, stdio: "pipe" });
    const { stdin, stdout, stderr } = child;
    // Missing if too many files are open.
    if (!stdin || !stdout || !stderr) {
      child.on("error", (error) => reject(notStarted(error)));
      return;
    }
    const answer = new Answer(() => kill(child, "SIGKILL"));
    let killTimer: NodeJS.Timeout | undefined;
    const end = () => {
      kill(child, "SIGTERM");
      const afterMs = signal.reason === STOPPING ? KILL_AT_STOP_MS : KILL_AFTER_MS;
      clearTimeout(killTimer);
      killTimer = setTimeout(() => kill(child, "SIGKILL"), afterMs);
    };
    let outputTimer: NodeJS.Timeout | undefined;
    const settle = (error: Error | null) => {
      clearTimeout(killTimer);
      clearTimeout(outputTimer);
      signal.removeEventListener("abort", end);
      stdout?.destroy();
      stderr?.destroy();
      if (error === null) resolve(answer.text());
      else reject(error);
    };
    signal.addEventListener("abort", end);
    if (signal.aborted) end();

    stdout.on("data", (chunk: Buffer) => answer.add(chunk));
    logLines(stderr, log);
    // A command that does not read its input may still succeed.
    stdin.on("error", () => {});
    stdin.end(`${JSON.stringify(message)}\n`);

    child.on("error", (error) => settle(notStarted(error)));
    child.on("exit", () => {
      outputTimer = setTimeout(() => stdout.destroy(), OUTPUT_AFTER_EXIT_MS);
      stderr.resume();
    });
    stdout.on("close", () => {
      if (child.exitCode === null && child.signalCode === null)
        return child.once("exit", () => settle(failureOf(child, answer)));
      settle(failureOf(child, answer));
    });
  });
}

const notStarted = ({ message: why }: Error) => new Error(`it could not be started: ${why}`);

const MEANING_TO_SHELLS: ReadonlyMap<number, string> = new Map([
  [126, "there is such a file, and it cannot be run: check its mode"],
  [127, "there is no such command: check --on-message"],
]);

function failureOf({ exitCode, signalCode }: ChildProcess, answer: Answer): Error | null {
  if (answer.isTooLong) return new Error(`it printed more than ${MAX_ANSWER_BYTES / 1_024} KiB`);
  if (exitCode === 0) return null;
  if (exitCode === null) return new Error(`it was ended by ${signalCode}`);
  const meaning = MEANING_TO_SHELLS.get(exitCode);
  return new Error(`it exited with ${exitCode}${meaning === undefined ? "" : ` (${meaning})`}`);
}

/** Signals the whole process group. */
function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has already exited.
  }
}

/** Collects what the command prints. */
class Answer {
  isTooLong = false;
  readonly #chunks: Buffer[] = [];
  readonly #onTooLong: () => void;
  #size = 0;

  constructor(onTooLong: () => void) {
    this.#onTooLong = onTooLong;
  }

  add(chunk: Buffer): void {
    if (this.isTooLong) return;
    this.#size += chunk.length;
    if (this.#size <= MAX_ANSWER_BYTES) {
      this.#chunks.push(chunk);
      return;
    }
    this.isTooLong = true;
    this.#chunks.length = 0;
    this.#onTooLong();
  }

  /** Without the final line break, unless that is all there is. */
  text(): string {
    const text = Buffer.concat(this.#chunks).toString("utf8");
    return text.replace(/\r?\n$/, "") || text;
  }
}

function logLines(stream: Readable, log: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = (lines.pop() ?? "").slice(0, MAX_LINE_LENGTH);
    for (const line of lines) log(line);
  });
  stream.on("end", () => {
    if (rest !== "") log(rest);
  });
}
