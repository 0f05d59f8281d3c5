import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideProperty, Simulation } from "../../test/cluster/decide.property.ts";
import { decide } from "./decide.ts";

/** `FC_SEED` tries something else; a failure prints seed and path. */
const seed = process.env.FC_SEED === undefined ? {} : { seed: Number(process.env.FC_SEED) };

/** A fleet of so many, at rest. */
function fleetOf(runners: number): Simulation {
  const fleet = new Simulation(decide);
  for (let runner = 0; runner < runners; runner += 1) fleet.join(`r${runner}`);
  fleet.settle();
  fleet.moves = 0;
  return fleet;
}

describe("the even share", () => {
  it.each([
    { from: 1, to: 2, least: 128 },
    { from: 2, to: 3, least: 85 },
    { from: 3, to: 4, least: 64 },
    { from: 3, to: 8, least: 160 },
    { from: 15, to: 16, least: 16 },
    { from: 2, to: 101, least: 250 },
  ])("moves no more than it must from $from to $to runners, in a few rounds", ({ from, to, least }) => {
    const fleet = fleetOf(from);
    for (let runner = from; runner < to; runner += 1) fleet.join(`r${runner}`);
    const rounds = fleet.settle();
    expect(fleet.moves).toBe(least);
    // The last one finds that nothing is left to do.
    expect(rounds).toBeLessThanOrEqual(5);
  });

  it("takes over the shards of one that died, and moves no others", () => {
    const fleet = fleetOf(4);
    fleet.end("r1");
    expect(fleet.settle()).toBeLessThanOrEqual(3);
    expect(fleet.moves).toBe(64);
  });

  it("settles with every shard owned and evenly spread, in whatever order runners join, leave and decide, and however long a hand-over takes", () => {
    fc.assert(decideProperty({ decide }), { numRuns: 200, ...seed });
  });
});
