import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { postgresTokenStore, readKeyFile } from "@x/auth-postgres";
import { heartbeat, outcomeOf, type Running } from "../processes.ts";
import { startPlatform } from "../support/platform.ts";
import { storeEnvironment } from "./postgres.ts";

export interface SceneOptions {
  /** The database's URL. */
  readonly url: string;
  readonly workspaces: number;
  /** Seconds. @default 5 */
  readonly interval?: number;
}

let scenes = 0;

/** A platform, a store, a list of workspaces, and its runners in separate processes. */
export async function machinesScene({ url, workspaces, interval = 5 }: SceneOptions) {
  scenes += 1;
  const fleet = `scene-${process.pid}-${scenes}`;
  const emulator = await startPlatform();
  const { directory, keyFile, env: store } = await storeEnvironment(url);
  const ids = Array.from({ length: workspaces }, () => randomUUID());
  const list = join(directory, "workspaces.json");
  await writeFile(list, JSON.stringify(ids.map((id) => ({ id }))));
  const env = { ...store, HOME: directory };

  const start = (name: string, args: readonly string[] = [], more: Record<string, string> = {}): Running =>
    heartbeat(
      [
        ...["run", "--fleet", fleet, "--runner-name", name, "--workspaces-file", list],
        ...["--platform-url", emulator.url, "--configs-dir", join(directory, name)],
        ...["--interval", String(interval), "--status-port", "0", ...args],
      ],
      { ...env, ...more },
    );

  const init = async () => {
    const { code, output } = await outcomeOf(["store", "init", "--fleet", fleet], env);
    if (code !== 0) throw new Error(output);
  };

  return {
    fleet,
    directory,
    keyFile,
    list,
    ids,
    env,
    emulator,
    init,
    start,
    online: () => emulator.workspaces().filter(({ status }) => status === "online").length,
    registrations: () => emulator.requests.filter(({ path }) => path === "/registry/register").length,
    unauthorized: () => emulator.requests.filter(({ status }) => status === 401).length,
    /** What is stored, opened with the key. */
    async tokens(): Promise<readonly (string | null)[]> {
      const store = postgresTokenStore({ url, fleet, keys: await readKeyFile(keyFile) });
      try {
        return await Promise.all(
          ids.map(async (workspaceId) => store.storage({ platformUrl: emulator.url, workspaceId }).read()),
        );
      } finally {
        await store.close();
      }
    },
    /** How many shards a runner says that it holds. */
    async shards(running: Running): Promise<number> {
      return Number(await metric(running, 'heartbeat_shards{state="held"'));
    },
  };
}

/** The value of the first series with this prefix; `null` when there is none. */
export async function metric(running: Running, name: string): Promise<string | null> {
  const [, address] = await running.printed(/status at (http:\S+)\/health/);
  const text = await (await fetch(`${address}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(name));
  return line?.split(" ").at(-1) ?? null;
}

export async function health(running: Running): Promise<number> {
  const [, address] = await running.printed(/status at (http:\S+)\/health/);
  return (await fetch(`${address}/health`)).status;
}
