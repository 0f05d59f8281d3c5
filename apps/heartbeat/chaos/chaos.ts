import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { postgresTokenStore } from "@x/auth-postgres";
import { startEmulator, workspaceId } from "@x/emulator";
import { shardOf } from "../src/cluster/shard-of.ts";
import { auditEvictions, countLost, type Report } from "./audit.ts";
import { type Database, startDatabase } from "./database.ts";
import { FAULTS, type Fault, outage } from "./faults.ts";
import { PlatformWatch } from "./platform-watch.ts";
import { Runner } from "./runner.ts";
import type { Scene } from "./scene.ts";

export interface ChaosOptions {
  readonly runners: number;
  readonly workspaces: number;
  readonly intervalSeconds: number;
  /** How often each fault happens. */
  readonly rounds: number;
  /** Length of the database outage at the end, in seconds; 0 for none. */
  readonly outageSeconds: number;
  /** An empty directory. */
  readonly directory: string;
  readonly random: () => number;
  readonly onProgress: (line: string) => void;
}

const FLEET = "chaos";
const CHECK_EVERY_MS = 200;
const GIVE_UP_MS = 300_000;

/** Runs a fleet through all faults, in random order. */
export async function chaos(options: ChaosOptions): Promise<Report> {
  const { directory, random, onProgress } = options;
  const key = randomBytes(32).toString("base64url");
  const tokensOf = (url: string) => postgresTokenStore({ url, fleet: FLEET, keys: [key] });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "store.key"), `${key}\n`, { mode: 0o600 });
  const ids = Array.from({ length: options.workspaces }, (_, index) => workspaceId(`chaos-${index}`));
  writeFileSync(join(directory, "workspaces.json"), JSON.stringify(ids.map((id) => ({ id }))));
  const emulator = await startEmulator({ rateLimit: { max: 10_000_000, windowMs: 60_000 } });
  const database = await startDatabase(FLEET, async (url) => {
    const tokens = tokensOf(url);
    await tokens.prepare();
    await tokens.close();
  });
  const watch = new PlatformWatch(emulator);
  const scene = await createScene(options, { database, emulator, watch, ids });
  const checking = setInterval(() => watch.check(), CHECK_EVERY_MS);
  const faults: string[] = [];
  try {
    for (const runner of scene.runners) runner.start();
    await until(() => watch.online.size === ids.length, "all workspaces are online");
    await scene.balanced();
    const last = options.outageSeconds > 0 ? [outage(options.outageSeconds)] : [];
    for (const fault of [...shuffled(options.rounds, random), ...last]) {
      onProgress(fault.name);
      faults.push(fault.name);
      await fault.run(scene);
      await scene.balanced();
    }
    const tokens = tokensOf(database.url);
    const lost = await countLost(tokens, emulator, ids);
    await tokens.close();
    return {
      workspaces: ids.length,
      faults,
      offline: watch.offline.size,
      lost,
      rejected: watch.unauthorized,
      reissued: watch.tokensIssued - ids.length,
      overwritten: await countOverwritten(database),
      ...scene.counts,
      ...(await auditEvictions(database)),
      takeOverP99Ms: percentile(scene.takeOverMs, 0.99),
    };
  } finally {
    clearInterval(checking);
    await Promise.all(scene.runners.map((runner) => runner.end("SIGKILL")));
    await Promise.all(scene.runners.map(({ proxy }) => proxy.close()));
    await emulator.close();
    await database.postgres.stop();
  }
}

async function createScene(
  { runners: count, directory, random, intervalSeconds }: ChaosOptions,
  { database, emulator, watch, ids }: Pick<Scene, "database" | "emulator" | "watch" | "ids">,
): Promise<Scene> {
  const runners: Runner[] = [];
  const platformOrigin = new URL(emulator.url).origin;
  const scene: Scene = {
    database,
    emulator,
    watch,
    ids,
    runners,
    random,
    takeOverMs: [],
    counts: { registrationsInGracefulMoves: 0, moves: 0, leastMoves: 0 },
    pick() {
      const running = runners.filter(({ isRunning }) => isRunning);
      const picked = running[Math.floor(random() * running.length)];
      if (picked === undefined) throw new Error("no runner is running");
      return picked;
    },
    async addRunner() {
      const name = `runner-${runners.length + 1}`;
      const platformUrl = emulator.url;
      const runner = await Runner.create({
        name,
        directory,
        database,
        platformUrl,
        fleet: FLEET,
        intervalSeconds,
      });
      runners.push(runner);
      return runner;
    },
    registrations: () => watch.registrations,
    async claimed() {
      const [row] = await database.query(`select sum(epoch)::int as count from ${database.schema}.shard`);
      return Number(row?.count);
    },
    async shardsOf({ name }) {
      const rows = await database.query(
        `select s.shard from ${database.schema}.shard as s join ${database.schema}.runner as r on s.owner = r.id
          where r.name = $1`,
        [name],
      );
      return new Set(rows.map(({ shard }) => Number(shard)));
    },
    async balanced() {
      const running = runners.filter(({ isRunning }) => isRunning).length;
      await until(async () => {
        const rows = await database.query(
          `select count(s.shard)::int as shards from ${database.schema}.runner as r
            left join ${database.schema}.shard as s on s.owner = r.id group by r.id`,
        );
        const shards = rows.map((row) => Number(row.shards));
        const all = shards.reduce((sum, each) => sum + each, 0);
        return shards.length === running && all === 256 && Math.max(...shards) - Math.min(...shards) <= 1;
      }, "the shards are spread evenly");
      for (let last = -1; last !== scene.registrations(); await delay(2_000)) last = scene.registrations();
    },
    async workspacesOf(runner) {
      const shards = await scene.shardsOf(runner);
      return ids.filter((id) => shards.has(shardOf({ platformOrigin, workspaceId: id })));
    },
  };
  for (let runner = 0; runner < count; runner += 1) await scene.addRunner();
  return scene;
}

function shuffled(rounds: number, random: () => number): Fault[] {
  const all = Array.from({ length: rounds }, () => FAULTS).flat();
  return all
    .map((fault) => ({ fault, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ fault }) => fault);
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + GIVE_UP_MS;
  while (!(await Promise.resolve(isSo()).catch(() => false))) {
    if (performance.now() > end) throw new Error(`Timed out waiting until ${what}.`);
    await delay(CHECK_EVERY_MS);
  }
}

async function countOverwritten({ query, schema }: Database): Promise<number> {
  const [row] = await query(`select count(*)::int as count from ${schema}.audit where what = 'overwritten'`);
  return Number(row?.count);
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
}
