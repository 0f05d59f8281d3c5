import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadProduct } from "./load-product.ts";
import { MUTANTS } from "./mutants.ts";
import { PROPERTIES } from "./properties.ts";

const SEED = 2;

describe("each invariant breaks when", () => {
  it.each(MUTANTS)(
    "$name ($violates, $property)",
    async ({ property, violates, ...mutation }) => {
      const { of, runs } = PROPERTIES[property];
      const details = await fc.check(of(await loadProduct(mutation)), {
        seed: SEED,
        numRuns: 4 * runs,
        endOnFailure: true,
      });
      expect(String(details.errorInstance)).toMatch(new RegExp(`\\b${violates} at \\d`));
    },
    60_000,
  );
});
