import fc from "fast-check";
import { describe, it } from "vitest";
import { movesProperty, outageProperty, ownershipProperty } from "./ownership.property.ts";
import * as product from "./product.ts";

/** `FC_FACTOR=10` runs ten times as many cases, `FC_SEED` other ones; a failure prints seed and path. */
const factor = Number(process.env.FC_FACTOR ?? 1);
const seed = Number(process.env.FC_SEED ?? 7);
const RUNS = 60;

describe("runners with clocks of unequal rates, pauses, a slow network and a failing store", () => {
  it("never let two register one workspace, and share all workspaces once the faults end", async () => {
    await fc.assert(ownershipProperty(product), { numRuns: RUNS * factor, seed });
  }, 120_000);

  it("keep their shards through an outage of the store", async () => {
    await fc.assert(outageProperty(product), { numRuns: 15 * factor, seed });
  }, 120_000);

  it("move hardly more than a runner gets that joins", async () => {
    await fc.assert(movesProperty(product), { numRuns: 12 * factor, seed });
  }, 120_000);
});
