import { elapsedMs, type Moment } from "../clock.ts";
import type { LeaseTiming } from "./lease-timing.ts";

/** A runner, as its row describes it. */
export interface Runner {
  readonly id: string;
  /** Display name. */
  readonly name: string;
  /** Increases with each renewal. */
  readonly renewals: number;
  /** Digest of its list of workspaces, in hexadecimal. */
  readonly listDigest: string;
}

/** When this runner last saw each of the others' counters change, on its own monotonic clock. */
export interface Sightings {
  readonly at: number;
  readonly byId: ReadonlyMap<string, { readonly renewals: number; readonly since: number }>;
}

export const NO_SIGHTINGS: Sightings = { at: Number.NEGATIVE_INFINITY, byId: new Map() };

/** An answer from the store, with the times of its request and receipt in milliseconds of the monotonic clock. */
export interface Inspection {
  readonly runners: readonly Runner[];
  readonly sentAt: number;
  readonly receivedAt: number;
}

/**
 * Compares an answer with the previous ones, without another machine's clock: a runner is dead when its counter did not
 * change for the whole time to live, from receiving one answer to sending the next request.
 *
 * After a gap (the store was down, or this process was paused) that time starts over, so that all can renew first.
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

/** Milliseconds until the first of the other runners may be found dead; `Infinity` when there are none. */
export function nextDeathMs({ byId }: Sightings, me: string | null, now: number, ttlMs: number): number {
  const others = [...byId].filter(([id]) => id !== me);
  return Math.min(...others.map(([, { since }]) => Math.max(0, since + ttlMs - now)));
}

/**
 * A runner's status in its fleet:
 *
 * - `outside`: not in the fleet, or no longer in it
 * - `member`: its lease is valid
 * - `unsure`: its lease has expired; others may have taken its shards
 * - `leaving`: it is shutting down and releases its shards
 */
export type Membership = "outside" | "member" | "unsure" | "leaving";

/**
 * Remaining validity of a lease in milliseconds; 0 or less when it has expired.
 *
 * @param renewedAt when the last successful renewal was sent; `null` if there was none
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
