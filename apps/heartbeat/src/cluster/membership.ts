import { elapsedMs, type Moment } from "../clock.ts";
import type { LeaseTiming } from "./lease-timing.ts";

/** A runner that is a member, as its row says. */
export interface Runner {
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Grows with each renewal. */
  readonly renewals: number;
  /** Digest of its list of workspaces, in hexadecimal. */
  readonly listDigest: string;
}

/** What this runner has seen of the others: since when which counter stands still, on its own monotonic clock. */
export interface Sightings {
  readonly at: number;
  readonly byId: ReadonlyMap<string, { readonly renewals: number; readonly since: number }>;
}

export const NO_SIGHTINGS: Sightings = { at: Number.NEGATIVE_INFINITY, byId: new Map() };

/** An answer of the store, and when it was asked for and received, in milliseconds of the monotonic clock. */
export interface Inspection {
  readonly runners: readonly Runner[];
  readonly sentAt: number;
  readonly receivedAt: number;
}

/**
 * Compares an answer with the ones before it. No clock of another machine takes part: a runner is dead when its counter
 * stood still for the whole time to live, from receiving one answer to sending the next request.
 *
 * After a gap (the store was down, this process stood still) that time begins again, so that all can renew first.
 */
export function inspect(
  before: Sightings,
  { runners, sentAt, receivedAt }: Inspection,
  { ttlMs }: Pick<LeaseTiming, "ttlMs">,
): { readonly sightings: Sightings; readonly dead: readonly Runner[] } {
  const isGap = sentAt - before.at > ttlMs / 2;
  const byId = new Map<string, { renewals: number; since: number }>();
  const dead: Runner[] = [];
  for (const runner of runners) {
    const { id, renewals } = runner;
    const seen = isGap ? undefined : before.byId.get(id);
    const stands = seen !== undefined && seen.renewals === renewals;
    byId.set(id, { renewals, since: stands ? seen.since : receivedAt });
    if (stands && sentAt - seen.since >= ttlMs) dead.push(runner);
  }
  return { sightings: { at: receivedAt, byId }, dead };
}

/** In how many milliseconds the first of the others may turn out to be dead; `Infinity` where there are none. */
export function nextDeathMs({ byId }: Sightings, me: string | null, now: number, ttlMs: number): number {
  const others = [...byId].filter(([id]) => id !== me);
  return Math.min(...others.map(([, { since }]) => Math.max(0, since + ttlMs - now)));
}

/**
 * What a runner is in its fleet:
 *
 * - `outside`: not a member, or no longer one
 * - `member`: its lease is valid
 * - `unsure`: its lease has run out; others may have taken its shards
 * - `leaving`: it ends, and gives its shards back
 */
export type Membership = "outside" | "member" | "unsure" | "leaving";

/**
 * For how long a lease is still valid, in milliseconds; 0 or less: it has run out.
 *
 * @param renewedAt when the last renewal that succeeded was sent; `null`: none was
 */
export function remainingMs(
  renewedAt: Moment | null,
  now: Moment,
  { ttlMs, marginMs }: Pick<LeaseTiming, "ttlMs" | "marginMs">,
): number {
  return renewedAt === null ? 0 : ttlMs - marginMs - elapsedMs(renewedAt, now);
}

export function membershipOf(lease: {
  readonly isMember: boolean;
  readonly isLeaving: boolean;
  readonly remainingMs: number;
}): Membership {
  if (!lease.isMember) return "outside";
  if (lease.isLeaving) return "leaving";
  return lease.remainingMs > 0 ? "member" : "unsure";
}
