import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Resolved by the package's name, so that it is found from the sources and from a bundle of them. */
const HEARTBEAT = join(
  dirname(createRequire(import.meta.url).resolve("@x/heartbeat/package.json")),
  "bin/heartbeat.mjs",
);

/** Answers a message with its text. */
const COMMAND = String.raw`sed -n 's/.*"text":"\([^"]*\)".*/re: \1/p'`;

export const answerTo = (text: string): string => `re: ${text}`;

/** The runner in a separate process that can be killed at any moment. */
export class Runner {
  readonly #directory: string;
  readonly #platformUrl: string;
  #child: ChildProcess | null = null;

  readonly #flags: readonly string[];

  constructor(directory: string, platformUrl: string, flags: readonly string[]) {
    this.#directory = directory;
    this.#flags = flags;
    this.#platformUrl = platformUrl;
  }

  get log(): string {
    return join(this.#directory, "log.jsonl");
  }

  start(): void {
    const log = openSync(this.log, "a");
    const file = join(this.#directory, "workspaces.json");
    const args = ["run", "--workspaces-file", file, "--on-message", COMMAND, ...this.#flags];
    const { PATH = "" } = process.env;
    const env = { PATH, PLATFORM_URL: this.#platformUrl, CONFIGS_DIR: this.#directory };
    const stdio = ["ignore", log, log] as const;
    this.#child = spawn(process.execPath, [HEARTBEAT, ...args], { env, stdio: [...stdio] });
    closeSync(log);
  }

  /** Settles when it has ended. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }
}
