import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../apps/heartbeat/src/clock.ts";
import { Cluster } from "../../../apps/heartbeat/src/cluster/cluster.ts";
import { PostgresLeases } from "../../../apps/heartbeat/src/cluster/postgres-leases.ts";
import { DEFAULT_TIMING } from "../../../apps/heartbeat/src/config/timing.ts";
import { createFleet } from "../../../apps/heartbeat/src/fleet/fleet.ts";
import type { Fleet } from "../../../apps/heartbeat/src/fleet/fleet-types.ts";
import { createFileStore } from "../../../apps/heartbeat/src/storage/file-store.ts";
import { createPostgresStore } from "../../../apps/heartbeat/src/storage/postgres/postgres-store.ts";
import { prepareTables } from "../../../apps/heartbeat/src/storage/postgres/prepare-tables.ts";
import { SharedDatabase } from "../../../apps/heartbeat/src/storage/postgres/shared-database.ts";
import type { Connection } from "../../../apps/heartbeat/src/transport/connection.ts";
import { serveTasks } from "../children.ts";
import { FLEET_OPTIONS, workspacesAt } from "../heartbeat.ts";
import { pg, postgresTokenStore, startPostgres } from "../postgres.ts";
import { SHARED } from "../row-names.ts";
import { textOf } from "../simulated.ts";
import { interleave } from "../stats.ts";
import { sleep } from "../throughput.ts";

/** A fleet at full speed, over a simulated network without latency, with and without a store. */
export interface SharedFleetTask {
  readonly workspaces: number;
  readonly rounds: number;
  readonly milliseconds: number;
}

export interface SharedFleetAnswer {
  /** Heartbeats per second. */
  readonly samples: [string, readonly number[]][];
  /** Database statements during that many heartbeats, excluding those for the lease. */
  readonly statements: number;
  readonly heartbeats: number;
}

const PLATFORM_URL = "https://platform.example";
const FLEET = "heartbeat";
/** The interval of a workspace; with the number of workspaces it sets the target rate. */
const INTERVAL_MS = 5;
/** Of one lease round: renew and list. */
const STATEMENTS_OF_A_ROUND = 2;

/** One fleet's network: without latency, or paused while the other fleet is measured. */
class Network implements Connection {
  #opened: Promise<void> | null = null;
  #open = () => {};

  hold(): void {
    this.#opened ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  release(): void {
    this.#opened = null;
    this.#open();
  }

  async request({ url, method }: { readonly url: string; readonly method: string }) {
    await this.#opened;
    return { status: 200, headers: { get: () => null }, text: textOf(method, url) };
  }

  async close(): Promise<void> {}
}

serveTasks(async ({ workspaces, rounds, milliseconds }: SharedFleetTask): Promise<SharedFleetAnswer> => {
  await using postgres = await startPostgres();
  const { url } = postgres;
  const directory = await mkdtemp(join(tmpdir(), "bench-shared-"));
  const keys = [randomBytes(32).toString("base64url")];
  const tokens = postgresTokenStore({ url, fleet: FLEET, keys });
  await tokens.prepare();
  await prepareTables({ url, fleet: FLEET, location: "the store" });
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  pool.on("error", () => {});
  const files = (name: string) =>
    createFileStore({ configsDir: join(directory, name), env: {}, layout: "list", onEvent() {} });
  const list = workspacesAt(PLATFORM_URL, workspaces);
  const clock = systemClock();
  let renewals = 0;
  const leases = new PostgresLeases({ url, fleet: FLEET, location: "the store" });
  const renew = leases.renew.bind(leases);
  leases.renew = (...given) => {
    renewals += 1;
    return renew(...given);
  };
  const cluster = new Cluster({
    leases,
    clock,
    random: Math.random,
    name: "bench",
    requestTimeoutMs: DEFAULT_TIMING.timeoutMs,
    onEvent() {},
  });
  const shared = createPostgresStore({
    tokens,
    database: new SharedDatabase({ url, location: "the store" }),
    fleet: FLEET,
    files: files("store"),
    fenceOf: (ref) => cluster.fenceOf(ref),
    onSecret() {},
  });

  let accepted = 0;
  const networks = { files: new Network(), store: new Network() };
  const open = (
    store: Parameters<typeof createFleet>[0]["store"],
    network: Network,
    lease?: Cluster["lease"],
  ): Fleet =>
    createFleet({
      store,
      timing: { ...DEFAULT_TIMING, intervalMs: INTERVAL_MS },
      ...FLEET_OPTIONS,
      clock,
      onEvent(_workspace, { type }) {
        if (type === "heartbeat") accepted += 1;
      },
      connect: () => network,
      ...(lease !== undefined && { lease }),
    });
  const withFiles = open(files("files"), networks.files);
  const withStore = open(shared, networks.store, cluster.lease);
  const stop = new AbortController();
  await cluster.apply(list);
  const membership = cluster.run(stop.signal, { fleet: withStore, store: shared });
  const statements = async () => {
    const { rows } = (await pool.query(
      "select sum(xact_commit)::int as count from pg_stat_database where datname = current_database()",
      [],
    )) as { rows: { count: number }[] };
    return Number(rows[0]?.count);
  };
  const only = async (network: Network) => {
    for (const each of Object.values(networks)) if (each !== network) each.hold();
    network.release();
    // Answers pending requests first.
    await sleep(milliseconds / 4);
    accepted = 0;
  };
  const measure = (network: Network) => async () => {
    await only(network);
    const started = performance.now();
    await sleep(milliseconds);
    return (accepted / (performance.now() - started)) * 1_000;
  };
  await withFiles.apply(list);
  const runs = [withFiles, withStore].map((fleet) => fleet.run(stop.signal));
  // All have registered, one fleet after the other.
  for (const network of Object.values(networks)) {
    await only(network);
    while (accepted < 20 * workspaces) await sleep(50);
  }
  const timed = new Map([
    [SHARED.files, measure(networks.files)],
    [SHARED.store, measure(networks.store)],
  ]);
  await interleave(timed, 1);
  const samples = await interleave(timed, rounds);
  // One more round with the store, to count the database's statements.
  await only(networks.store);
  const [before, roundsBefore] = [await statements(), renewals];
  accepted = 0;
  await sleep(milliseconds * 3);
  const heartbeats = accepted;
  const done = (await statements()) - before - 1 - (renewals - roundsBefore) * STATEMENTS_OF_A_ROUND;
  for (const network of Object.values(networks)) network.release();
  stop.abort();
  await Promise.all([...runs, membership]);
  await cluster.leave();
  await Promise.all([shared.close(), pool.end()]);
  await rm(directory, { recursive: true, force: true });
  return { samples: [...samples], statements: Math.max(0, done), heartbeats };
});
