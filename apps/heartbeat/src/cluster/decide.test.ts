import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SHARDS } from "../storage/postgres/schema.ts";
import { decide } from "./decide.ts";

/** Runners that decide one after another, each on the state at the beginning of the round. */
class Simulation {
  readonly runners: string[] = [];
  readonly owners: (string | null)[] = Array.from({ length: SHARDS }, () => null);
  readonly draining = new Map<string, Set<number>>();
  moves = 0;

  join(id: string): void {
    this.runners.push(id);
    this.draining.set(id, new Set());
  }

  /** A runner died and was evicted. */
  end(id: string): void {
    this.runners.splice(this.runners.indexOf(id), 1);
    for (const [shard, owner] of this.owners.entries()) if (owner === id) this.owners[shard] = null;
  }

  /** @param order who decides first; each sees the state before the round, as after one notification to all */
  round(order: readonly string[]): void {
    const seen = [...this.owners];
    for (const me of order) {
      const draining = this.draining.get(me) ?? new Set<number>();
      const plan = decide({ me, runners: this.runners, owners: seen, draining });
      expect(plan.claim).toBeLessThanOrEqual(seen.filter((owner) => owner === null).length);
      expect(plan.release.every((shard) => seen[shard] === me)).toBe(true);
      expect(plan.release.length).toBeLessThanOrEqual(64);
      const free = this.owners.flatMap((owner, shard) => (owner === null ? [shard] : []));
      for (const shard of free.slice(0, plan.claim)) {
        this.owners[shard] = me;
        this.moves += 1;
      }
      for (const shard of plan.release) draining.add(shard);
    }
    for (const [id, shards] of this.draining) {
      for (const shard of shards) if (this.owners[shard] === id) this.owners[shard] = null;
      shards.clear();
    }
  }

  /** Returns the number of rounds that it took. */
  settle(shuffle: (ids: readonly string[]) => readonly string[] = (ids) => ids): number {
    for (let rounds = 1; rounds <= 40; rounds += 1) {
      const before = JSON.stringify(this.owners);
      this.round(shuffle(this.runners));
      if (before === JSON.stringify(this.owners)) return rounds;
    }
    throw new Error("The runners did not settle.");
  }

  counts(): number[] {
    return this.runners.map((id) => this.owners.filter((owner) => owner === id).length);
  }
}

/** The minimum number of owned shards that have to change their owner. */
function leastMoves(counts: readonly number[], runners: number): number {
  const share = Math.floor(SHARDS / runners);
  const rich = SHARDS % runners;
  const sorted = [...counts].sort((one, other) => other - one);
  return sorted
    .map((count, rank) => (rank < runners ? Math.min(count, share + (rank < rich ? 1 : 0)) : 0))
    .reduce((moves, kept) => moves - kept, SHARDS);
}

describe("the even share", () => {
  it.each([
    { from: 1, to: 2, least: 128 },
    { from: 2, to: 3, least: 85 },
    { from: 3, to: 4, least: 64 },
    { from: 3, to: 8, least: 160 },
    { from: 15, to: 16, least: 16 },
  ])("moves as few shards as possible from $from to $to runners", ({ from, to, least }) => {
    const fleet = new Simulation();
    for (let runner = 0; runner < from; runner += 1) fleet.join(`r${runner}`);
    fleet.settle();
    fleet.moves = 0;
    for (let runner = from; runner < to; runner += 1) fleet.join(`r${runner}`);
    fleet.settle();
    expect(fleet.moves).toBe(least);
  });

  it("takes over the shards of a dead runner and moves no others", () => {
    const fleet = new Simulation();
    for (const id of ["a", "b", "c", "d"]) fleet.join(id);
    fleet.settle();
    fleet.moves = 0;
    fleet.end("b");
    fleet.settle();
    expect(fleet.moves).toBe(64);
  });

  it("settles with every shard owned and evenly spread, in any order of joining, leaving and deciding", () => {
    const change = fc.oneof(
      fc.record({ join: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ end: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (changes, order) => {
        const fleet = new Simulation();
        let joined = 0;
        const shuffle = (ids: readonly string[]) =>
          ids
            .map((id) => ({ id, at: order.next().value as number }))
            .sort((one, other) => one.at - other.at)
            .map(({ id }) => id);
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
          const n = fleet.runners.length;
          const least = leastMoves(fleet.counts(), n);
          fleet.moves = 0;
          fleet.settle(shuffle);
          const counts = fleet.counts();
          expect(fleet.owners.includes(null)).toBe(false);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          expect(fleet.moves).toBeLessThanOrEqual(least + n);
          if (n <= 16) expect(fleet.moves).toBeLessThanOrEqual(Math.ceil(1.05 * least));
        }
      }),
    );
  });
});
