import { SHARDS } from "../storage/postgres/schema.ts";

/** The owners of all shards, as one runner sees them. */
export interface View {
  readonly me: string;
  /** The ids of all runners in the fleet, including this one. */
  readonly runners: readonly string[];
  /** The owner of each shard; `null` when it has none. */
  readonly owners: readonly (string | null)[];
  /** Shards that this runner is handing over. */
  readonly draining: ReadonlySet<number>;
}

/** What a runner does to reach its share. */
export interface Plan {
  /** Number of free shards to claim. */
  readonly claim: number;
  /** Shards to drain and then release. */
  readonly release: readonly number[];
}

/** How many shards a runner releases at a time: most of a fleet must never move at once. */
const MAX_RELEASED = 64;

/**
 * Each runner decides for itself, without a leader. It first fills up to the even share, and takes one more only when
 * every other runner has its share: otherwise two runners would keep passing one shard back and forth.
 */
export function decide(view: View): Plan {
  const { me, runners, owners, draining } = view;
  const share = Math.floor(SHARDS / runners.length);
  const most = share + (SHARDS % runners.length === 0 ? 0 : 1);
  const mine = owners.flatMap((owner, shard) => (owner === me && !draining.has(shard) ? [shard] : []));
  const free = owners.filter((owner) => owner === null).length;
  const leaving = owners.filter((owner, shard) => owner === me && draining.has(shard)).length;
  const counts = countByRunner(view, mine.length);
  const missing = runners.reduce((sum, id) => sum + Math.max(0, share - (counts.get(id) ?? 0)), 0);
  if (mine.length < share) return { claim: Math.min(free, share - mine.length), release: [] };
  if (mine.length < most && missing === 0) return { claim: Math.min(free, 1), release: [] };
  const surplus = mine.length - most;
  if (surplus > 0) return { claim: 0, release: last(mine, surplus) };
  // Other runners release their surplus anyway.
  const toBeGivenUp = runners.reduce((sum, id) => sum + Math.max(0, (counts.get(id) ?? 0) - most), leaving);
  const need = { counts, share, missing: missing - free - toBeGivenUp };
  return { claim: 0, release: last(mine, givesOneUp(view, need) ? 1 : 0) };
}

function countByRunner({ me, runners, owners }: View, mine: number): ReadonlyMap<string, number> {
  const counts = new Map(runners.map((id) => [id, 0]));
  for (const owner of owners) if (owner !== null) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return counts.set(me, mine);
}

interface Need {
  readonly counts: ReadonlyMap<string, number>;
  readonly share: number;
  /** How many shards other runners are short of, beyond those that are free or becoming free. */
  readonly missing: number;
}

/** As many of the runners above their share release one as are missing; all runners see the same order. */
function givesOneUp({ me, runners }: View, { counts, share, missing }: Need): boolean {
  if (missing <= 0) return false;
  const rich = runners.filter((id) => (counts.get(id) ?? 0) > share).sort();
  const rank = rich.indexOf(me);
  return rank >= 0 && rank < missing;
}

const last = (shards: readonly number[], count: number): number[] =>
  count === 0 ? [] : shards.slice(-Math.min(count, MAX_RELEASED));
