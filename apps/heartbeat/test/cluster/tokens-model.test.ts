import fc from "fast-check";
import { describe, it } from "vitest";
import * as product from "./product.ts";
import { tokensProperty } from "./tokens.property.ts";

/** `FC_FACTOR=10` runs ten times as many cases, `FC_SEED` other ones; a failure prints seed and path. */
const factor = Number(process.env.FC_FACTOR ?? 1);
const seed = Number(process.env.FC_SEED ?? 7);

describe("two runners of one workspace, with a token that is issued once", () => {
  it("never lose it, and never replace an accepted token by a rejected one", async () => {
    await fc.assert(tokensProperty(product), { numRuns: 300 * factor, seed });
  }, 120_000);
});
