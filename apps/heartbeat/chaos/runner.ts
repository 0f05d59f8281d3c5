import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Connection, startProxy } from "./proxy.ts";

/** Resolved by the package's name, so that it is found from the sources and from a bundle of them. */
const HEARTBEAT = join(
  dirname(createRequire(import.meta.url).resolve("@x/heartbeat/package.json")),
  "bin/heartbeat.mjs",
);

export interface RunnerOptions {
  readonly name: string;
  /** The directory of the whole experiment. */
  readonly directory: string;
  readonly database: { readonly url: string };
  readonly platformUrl: string;
  readonly fleet: string;
  readonly intervalSeconds: number;
}

/** A runner in its own process, with its own disk and its own connection to the database. */
export class Runner {
  readonly name: string;
  readonly proxy: Connection;
  readonly #options: RunnerOptions;
  #child: ChildProcess | null = null;

  private constructor(options: RunnerOptions, proxy: Connection) {
    this.name = options.name;
    this.#options = options;
    this.proxy = proxy;
  }

  static async create(options: RunnerOptions): Promise<Runner> {
    const proxy = await startProxy(() => Number(new URL(options.database.url).port));
    return new Runner(options, proxy);
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  start(): void {
    const { name, directory, database, platformUrl, fleet, intervalSeconds } = this.#options;
    const log = openSync(join(directory, `${name}.jsonl`), "a");
    const url = new URL(database.url);
    url.port = String(this.proxy.port);
    const args = [
      ...["run", "--workspaces-file", join(directory, "workspaces.json"), "--platform-url", platformUrl],
      ...["--configs-dir", join(directory, name), "--interval", String(intervalSeconds)],
      ...["--fleet", fleet, "--runner-name", name],
    ];
    const { PATH = "" } = process.env;
    const env = {
      PATH,
      HOME: directory,
      HEARTBEAT_STORE: url.href,
      HEARTBEAT_STORE_KEY_FILE: join(directory, "store.key"),
    };
    this.#child = spawn(process.execPath, [HEARTBEAT, ...args], { env, stdio: ["ignore", log, log] });
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
