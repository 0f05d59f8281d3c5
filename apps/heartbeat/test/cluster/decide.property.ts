import fc from "fast-check";
import type { decide } from "../../src/cluster/decide.ts";
import { SHARDS } from "../../src/storage/postgres/schema.ts";

export type Decide = typeof decide;

const MOST_RELEASED = 64;
const MOST_ROUNDS = 60;

/** Runners that decide one after another, each on what it saw at the beginning of the round. */
export class Simulation {
  readonly runners: string[] = [];
  readonly owners: (string | null)[] = Array.from({ length: SHARDS }, () => null);
  moves = 0;
  readonly #decide: Decide;
  /** Of each runner, the shards that it gives up, and for how many rounds something of them is still in flight. */
  readonly #draining = new Map<string, Map<number, number>>();
  readonly #roundsOfDrain: () => number;

  /** @param roundsOfDrain how many rounds later a shard is free, after the one in which it is given up */
  constructor(decide: Decide, roundsOfDrain: () => number = () => 0) {
    this.#decide = decide;
    this.#roundsOfDrain = roundsOfDrain;
  }

  join(id: string): void {
    this.runners.push(id);
    this.#draining.set(id, new Map());
  }

  /** It died and was evicted. */
  end(id: string): void {
    this.runners.splice(this.runners.indexOf(id), 1);
    this.#draining.delete(id);
    for (const [shard, owner] of this.owners.entries()) if (owner === id) this.owners[shard] = null;
  }

  /** @param order who decides first; each sees the state before the round, as after one notification to all */
  round(order: readonly string[]): void {
    const seen = [...this.owners];
    for (const me of order) this.#act(me, seen);
    for (const [id, shards] of this.#draining) {
      for (const [shard, rounds] of [...shards]) {
        if (rounds > 0) shards.set(shard, rounds - 1);
        else {
          shards.delete(shard);
          if (this.owners[shard] === id) this.owners[shard] = null;
        }
      }
    }
  }

  /** Returns how many rounds it took. */
  settle(shuffle: (ids: readonly string[]) => readonly string[] = (ids) => ids): number {
    for (let rounds = 1; rounds <= MOST_ROUNDS; rounds += 1) {
      const before = JSON.stringify(this.owners);
      this.round(shuffle(this.runners));
      const isQuiet = [...this.#draining.values()].every(({ size }) => size === 0);
      if (isQuiet && before === JSON.stringify(this.owners)) return rounds;
    }
    throw new Error("it never settles");
  }

  counts(): number[] {
    return this.runners.map((id) => this.owners.filter((owner) => owner === id).length);
  }

  #act(me: string, seen: readonly (string | null)[]): void {
    const draining = this.#draining.get(me) ?? new Map<number, number>();
    const plan = this.#decide({
      me,
      runners: this.runners,
      owners: seen,
      draining: new Set(draining.keys()),
    });
    if (plan.claim > seen.filter((owner) => owner === null).length)
      throw new Error("it claims more than is free");
    if (plan.release.some((shard) => seen[shard] !== me || draining.has(shard)))
      throw new Error("it releases what it does not have");
    if (plan.release.length > MOST_RELEASED) throw new Error("it releases too many at a time");
    const free = this.owners.flatMap((owner, shard) => (owner === null ? [shard] : []));
    for (const shard of free.slice(0, plan.claim)) {
      this.owners[shard] = me;
      this.moves += 1;
    }
    for (const shard of plan.release) draining.set(shard, this.#roundsOfDrain());
  }
}

/** Of shards that have an owner, those that have to get another one, at least. */
function leastMoves(counts: readonly number[], runners: number): number {
  const share = Math.floor(SHARDS / runners);
  const rich = SHARDS % runners;
  const sorted = [...counts].sort((one, other) => other - one);
  return sorted
    .map((count, rank) => (rank < runners ? Math.min(count, share + (rank < rich ? 1 : 0)) : 0))
    .reduce((moves, kept) => moves - kept, SHARDS);
}

const change = fc.oneof(
  fc.record({ join: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ end: fc.nat({ max: 40 }) }),
);

/** Every shard gets an owner, all have the same number, and hardly more move than necessary, in any order of decisions. */
export const decideProperty = ({ decide }: { readonly decide: Decide }) =>
  fc.property(
    fc.array(change, { maxLength: 8 }),
    fc.infiniteStream(fc.nat()),
    fc.infiniteStream(fc.nat({ max: 3 })),
    (changes, order, drains) => {
      const fleet = new Simulation(decide, () => drains.next().value ?? 0);
      const shuffle = (ids: readonly string[]) =>
        ids
          .map((id) => ({ id, at: order.next().value ?? 0 }))
          .sort((one, other) => one.at - other.at)
          .map(({ id }) => id);
      let joined = 0;
      for (const each of [{ join: 1 }, ...changes]) {
        if ("join" in each)
          for (let runner = 0; runner < each.join; runner += 1) {
            joined += 1;
            fleet.join(`runner${joined}`);
          }
        else if (fleet.runners.length > 1) {
          const ended = fleet.runners[each.end % fleet.runners.length];
          if (ended !== undefined) fleet.end(ended);
        }
        check(fleet, shuffle);
      }
    },
  );

function check(fleet: Simulation, shuffle: (ids: readonly string[]) => readonly string[]): void {
  const n = fleet.runners.length;
  const least = leastMoves(fleet.counts(), n);
  fleet.moves = 0;
  fleet.settle(shuffle);
  const counts = fleet.counts();
  if (fleet.owners.includes(null)) throw new Error("a shard has no owner");
  if (Math.max(...counts) - Math.min(...counts) > 1) throw new Error(`uneven: ${counts}`);
  const most = n <= 16 ? Math.ceil(1.05 * least) : least + n;
  if (fleet.moves > most) throw new Error(`moves ${fleet.moves} shards, where ${least} are enough`);
}
