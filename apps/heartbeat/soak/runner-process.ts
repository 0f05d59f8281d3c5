import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Resolved by the package's name, so that it is found from the sources and from a bundle of them. */
const HEARTBEAT = join(
  dirname(createRequire(import.meta.url).resolve("@x/heartbeat/package.json")),
  "bin/heartbeat.mjs",
);

export interface RunnerCommand {
  /** Of `heartbeat run`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What it logs is appended to this file. */
  readonly logFile: string;
}

/** A runner in a separate process that can be killed, and started again, at any moment. */
export class RunnerProcess {
  readonly #command: RunnerCommand;
  #child: ChildProcess | null = null;

  constructor(command: RunnerCommand) {
    this.#command = command;
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  start(): void {
    const { args, env, logFile } = this.#command;
    const log = openSync(logFile, "a");
    const { PATH = "" } = process.env;
    this.#child = spawn(process.execPath, [HEARTBEAT, "run", ...args], {
      env: { PATH, ...env },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
  }

  signal(name: "SIGSTOP" | "SIGCONT"): void {
    this.#child?.kill(name);
  }

  /** Settles with its exit code when it has ended. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill(signal);
    return ended;
  }
}
