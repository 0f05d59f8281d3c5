import { describe, it } from "vitest";
import { expectDetected } from "../support/mutants.ts";
import { PRODUCT } from "./load-product.ts";
import { MUTANTS } from "./mutants.ts";
import { PROPERTIES } from "./properties.ts";

const SEED = 2;

describe.each(PROPERTIES)(
  "the invariants of the $name are violated when",
  ({ name, of, runs, examples = [] }) => {
    it.each(MUTANTS[name])("$name", async (mutant) => {
      await expectDetected(PRODUCT, mutant, of, { seed: SEED, numRuns: 4 * runs, examples });
    });
  },
);
