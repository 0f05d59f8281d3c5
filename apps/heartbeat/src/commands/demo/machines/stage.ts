import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgresTokenStore } from "@x/auth-postgres";
import { startPostgres } from "@x/auth-postgres/embedded";
import { type Emulator, startEmulator, workspaceId } from "@x/emulator";
import { PostgresLeases } from "../../../cluster/postgres-leases.ts";
import { shardOf } from "../../../cluster/shard-of.ts";
import { prepareTables } from "../../../storage/postgres/prepare-tables.ts";
import { createRunnerProcess, type RunnerProcess } from "./runner-process.ts";

const WORKSPACES = 60;
/** What one runner owns. */
export interface Share {
  readonly shards: number;
  readonly workspaces: number;
}

/** Seconds. */
const INTERVAL = 5;

export interface MachinesStage {
  readonly emulator: Emulator;
  readonly runners: readonly RunnerProcess[];
  readonly workspaces: number;
  /** Shares by runner name. */
  shares(): Promise<ReadonlyMap<string, Share>>;
  close(): Promise<void>;
}

/** @throws Error when PostgreSQL is not installed, with the command that installs it */
export async function openStage(
  machines: number,
  onLine: (name: string, text: string) => void,
): Promise<MachinesStage> {
  const postgres = await startPostgres();
  const root = await mkdtemp(join(tmpdir(), "heartbeat-demo-"));
  const emulator = await startEmulator({ rateLimit: { max: 1_000_000, windowMs: 60_000 } });
  const key = randomBytes(32).toString("base64url");
  const { url } = postgres;
  const fleet = "demo";
  const tokens = postgresTokenStore({ url, fleet, keys: [key] });
  await tokens.prepare();
  await prepareTables({ url, fleet, location: tokens.location });
  await tokens.close();
  const [keyFile, list] = [join(root, "store.key"), join(root, "workspaces.json")];
  await writeFile(keyFile, `${key}\n`, { mode: 0o600 });
  const ids = Array.from({ length: WORKSPACES }, (_, index) => workspaceId(`agent-${index + 1}`));
  await writeFile(list, JSON.stringify(ids.map((id) => ({ id }))));
  const runners = Array.from({ length: machines }, (_, index) => {
    const name = `machine-${index + 1}`;
    return createRunnerProcess({
      name,
      args: [
        ...[
          "--fleet",
          fleet,
          "--runner-name",
          name,
          "--workspaces-file",
          list,
          "--platform-url",
          emulator.url,
        ],
        ...["--configs-dir", join(root, name), "--interval", String(INTERVAL)],
      ],
      env: { HEARTBEAT_STORE: url, HEARTBEAT_STORE_KEY_FILE: keyFile, HOME: root },
      onLine: (text) => onLine(name, text),
    });
  });
  const leases = new PostgresLeases({ url, fleet, location: tokens.location });
  const shards = ids.map((id) => shardOf({ platformOrigin: new URL(emulator.url).origin, workspaceId: id }));
  return {
    emulator,
    runners,
    workspaces: WORKSPACES,
    async shares() {
      const { runners: members, owners } = await leases.list();
      const shares = new Map<string, Share>();
      for (const { id, name } of members) {
        const mine = (shard: number) => owners[shard] === id;
        const own = owners.filter((owner) => owner === id).length;
        shares.set(name, { shards: own, workspaces: shards.filter(mine).length });
      }
      return shares;
    },
    async close() {
      await Promise.all(runners.map((runner) => runner.kill()));
      await leases.close();
      await emulator.close();
      await postgres.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}
