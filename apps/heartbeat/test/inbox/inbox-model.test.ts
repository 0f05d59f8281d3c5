import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadSources } from "../invariants/load-product.ts";
import { EXAMPLES, inboxProperty, type Product } from "./inbox.property.ts";
import { INBOX_MUTANTS } from "./mutants.ts";
import * as product from "./product.ts";

/** `FC_FACTOR=10` runs ten times as many cases, `FC_SEED` other ones; a failure prints seed and path. */
const factor = Number(process.env.FC_FACTOR ?? 1);
const seed = Number(process.env.FC_SEED ?? 7);
const RUNS = 400;

const ENTRY = fileURLToPath(new URL("./product.ts", import.meta.url));

describe("an inbox, killed anywhere, with lost answers and a lost cursor", () => {
  it("loses no message, answers each once, and keeps each sender's order", async () => {
    await fc.assert(inboxProperty(product), { numRuns: RUNS * factor, seed, examples: EXAMPLES });
  }, 120_000);

  it.each(INBOX_MUTANTS)(
    "fails the model when $name",
    async ({ shows, ...mutation }) => {
      const mutated = await loadSources<Product>(ENTRY, mutation);
      const details = await fc.check(inboxProperty(mutated), {
        numRuns: 8 * RUNS,
        seed,
        examples: EXAMPLES,
        endOnFailure: true,
      });
      expect(String(details.errorInstance)).toMatch(shows);
    },
    120_000,
  );
});
