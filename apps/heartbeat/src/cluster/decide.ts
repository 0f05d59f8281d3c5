import { SHARDS } from "../storage/postgres/schema.ts";

/** Who owns what, as one runner sees it. */
export interface View {
  readonly me: string;
  /** The ids of all runners that are members, this one included. */
  readonly runners: readonly string[];
  /** The owner of each shard; `null`: none. */
  readonly owners: readonly (string | null)[];
  /** Shards of this runner that are on their way to another one. */
  readonly draining: ReadonlySet<number>;
}

/** What a runner does to get its share. */
export interface Plan {
  /** So many of the free shards. */
  readonly claim: number;
  /** These are drained, and then released. */
  readonly release: readonly number[];
}

/** At most so many shards are given up at a time, so that what moves is never most of a fleet. */
const MAX_RELEASED = 64;

/**
 * Decides without a leader, each runner for itself. A runner fills up to the even share first, and takes one more only
 * when every other one has its share: otherwise two would take turns giving one up and taking it back.
 */
export function decide(view: View): Plan {
  const { me, runners, owners, draining } = view;
  const share = Math.floor(SHARDS / runners.length);
  const most = share + (SHARDS % runners.length === 0 ? 0 : 1);
  const mine = owners.flatMap((owner, shard) => (owner === me && !draining.has(shard) ? [shard] : []));
  const free = owners.filter((owner) => owner === null).length;
  const counts = countByRunner(view, mine.length);
  const missing = runners.reduce((sum, id) => sum + Math.max(0, share - (counts.get(id) ?? 0)), 0);
  if (mine.length < share) return { claim: Math.min(free, share - mine.length), release: [] };
  if (mine.length < most && missing === 0) return { claim: Math.min(free, 1), release: [] };
  const surplus = mine.length - most;
  if (surplus > 0) return { claim: 0, release: last(mine, surplus) };
  return {
    claim: 0,
    release: last(mine, givesOneUp(view, { counts, share, missing: missing - free }) ? 1 : 0),
  };
}

function countByRunner({ me, runners, owners }: View, mine: number): ReadonlyMap<string, number> {
  const counts = new Map(runners.map((id) => [id, 0]));
  for (const owner of owners) if (owner !== null) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return counts.set(me, mine);
}

interface Need {
  readonly counts: ReadonlyMap<string, number>;
  readonly share: number;
  /** How many shards are missing elsewhere that no free ones make up for. */
  readonly missing: number;
}

/** Of those with one more than their share, as many give one up as are missing: all see the same order. */
function givesOneUp({ me, runners }: View, { counts, share, missing }: Need): boolean {
  if (missing <= 0) return false;
  const count = (id: string) => counts.get(id) ?? 0;
  const rich = runners.filter((id) => count(id) > share);
  rich.sort((one, other) => count(other) - count(one) || (one < other ? -1 : 1));
  const rank = rich.indexOf(me);
  return rank >= 0 && rank < missing;
}

const last = (shards: readonly number[], count: number): number[] =>
  count === 0 ? [] : shards.slice(-Math.min(count, MAX_RELEASED));
