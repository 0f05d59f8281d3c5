import { join } from "node:path";
import { RunnerProcess } from "../soak/runner-process.ts";
import { type Connection, startProxy } from "./proxy.ts";

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
export class Runner extends RunnerProcess {
  readonly name: string;
  readonly proxy: Connection;

  private constructor(options: RunnerOptions, proxy: Connection) {
    const { name, directory, platformUrl, fleet, intervalSeconds } = options;
    const store = new URL(options.database.url);
    store.port = String(proxy.port);
    super({
      args: [
        ...["--workspaces-file", join(directory, "workspaces.json"), "--platform-url", platformUrl],
        ...["--configs-dir", join(directory, name), "--interval", String(intervalSeconds)],
        ...["--fleet", fleet, "--runner-name", name],
      ],
      env: {
        HOME: directory,
        HEARTBEAT_STORE: store.href,
        HEARTBEAT_STORE_KEY_FILE: join(directory, "store.key"),
      },
      logFile: join(directory, `${name}.jsonl`),
    });
    this.name = name;
    this.proxy = proxy;
  }

  static async create(options: RunnerOptions): Promise<Runner> {
    const proxy = await startProxy(() => Number(new URL(options.database.url).port));
    return new Runner(options, proxy);
  }
}
