import { createHash } from "node:crypto";
import type { PostgresTokenStore } from "@x/auth-postgres";
import type { Emulator } from "@x/emulator";
import type { Database } from "./database.ts";

/** The counts; all must be zero except plain figures. */
export interface Report {
  readonly workspaces: number;
  readonly faults: readonly string[];
  /** Workspaces that the platform has set offline. */
  readonly offline: number;
  /** Workspaces whose stored token is not the one that the platform accepts. */
  readonly lost: number;
  /**
   * Requests that the platform has rejected; not checked, because a token may be stored a moment after its shard moved.
   */
  readonly rejected: number;
  /** Tokens that the platform has issued in addition to one for each workspace. */
  readonly reissued: number;
  /** Stored tokens that were replaced: the platform has issued each workspace only one. */
  readonly overwritten: number;
  readonly registrationsInGracefulMoves: number;
  /** Shards that moved when a runner was added and one was stopped, and how many have to, at least. */
  readonly moves: number;
  readonly leastMoves: number;
  /** Runners that were evicted while they could still count on their lease. */
  readonly evictedTooEarly: number;
  readonly evictions: number;
  /** From a kill to the next request for the workspace, in milliseconds. */
  readonly takeOverP99Ms: number;
}

/** One and a half times to live: by then others send the heartbeats of a runner that died, on a machine with time for it. */
export const TAKE_OVER_MS = 22_500;

/** The promises that were broken. */
export function brokenPromises(report: Report): readonly string[] {
  const zero = [
    "offline",
    "lost",
    "reissued",
    "overwritten",
    "registrationsInGracefulMoves",
    "evictedTooEarly",
  ] as const;
  const { moves, leastMoves } = report;
  return [
    ...zero.filter((name) => report[name] > 0).map((name) => `${name}: ${report[name]}`),
    ...(moves > Math.ceil(1.05 * leastMoves) ? [`moves: ${moves}, where ${leastMoves} are enough`] : []),
  ];
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Workspaces whose stored token is not the one the platform accepted last. */
export async function countLost(
  store: PostgresTokenStore,
  emulator: Emulator,
  ids: readonly string[],
): Promise<number> {
  const accepted = new Map<string, string>();
  for (const { workspaceId, status, headers, path } of emulator.requests) {
    const digest = headers.authorization?.sha256;
    if (path === "/registry/heartbeat" && status === 200 && workspaceId && digest)
      accepted.set(workspaceId, digest);
  }
  let lost = 0;
  for (const workspaceId of ids) {
    const token = await store.storage({ platformUrl: emulator.url, workspaceId }).read();
    if (token === null || accepted.get(workspaceId) !== sha256(token)) lost += 1;
  }
  return lost;
}

/** A lease ends this long before others may take its shards. */
const LEASE_MS = 13_000;

/** A lease counts from before the renewal was sent, so it has expired this long after the renewal was stored. */
export async function auditEvictions(
  database: Database,
): Promise<Pick<Report, "evictions" | "evictedTooEarly">> {
  const [row] = await database.query(
    `select count(*)::int as evictions, count(*) filter (where waited < $1)::int as early from (
      select extract(epoch from gone.at - max(seen.at)) * 1000 as waited
      from ${database.schema}.audit as gone join ${database.schema}.audit as seen on seen.id = gone.id
      where gone.what = 'evicted' and seen.what = 'renewed' group by gone.id, gone.at) as gaps`,
    [LEASE_MS],
  );
  return { evictions: Number(row?.evictions), evictedTooEarly: Number(row?.early) };
}
