import fc from "fast-check";
import { describe, it } from "vitest";
import { outageProperty, ownershipProperty } from "./ownership.property.ts";
import * as product from "./product.ts";

/** `FC_FACTOR=10` tries ten times as often, `FC_SEED` something else; a failure prints seed and path. */
const factor = Number(process.env.FC_FACTOR ?? 1);
const seed = Number(process.env.FC_SEED ?? 7);
const RUNS = 60;

describe("runners with clocks of unequal rates, pauses, a slow network and a store that fails", () => {
  it("never have two that may register a workspace, and share all of them once it is calm", async () => {
    await fc.assert(ownershipProperty(product), { numRuns: RUNS * factor, seed });
  }, 120_000);

  it("keep what they have through an outage of the store", async () => {
    await fc.assert(outageProperty(product), { numRuns: 15 * factor, seed });
  }, 120_000);
});
