import fc from "fast-check";
import { describe, it } from "vitest";
import { expectDetected } from "../support/mutants.ts";
import { runs } from "../support/runs.ts";
import { EXAMPLES, inboxProperty } from "./inbox.property.ts";
import { INBOX_MUTANTS } from "./mutants.ts";
import * as product from "./product.ts";

const PRODUCT = new URL("./product.ts", import.meta.url);
const RUNS = 400;

describe("an inbox, killed anywhere, with lost answers and a lost cursor", { timeout: 120_000 }, () => {
  it("loses no message, answers each once, and keeps each sender's order", async () => {
    await fc.assert(inboxProperty(product), { ...runs(RUNS), examples: EXAMPLES });
  });

  it.each(INBOX_MUTANTS)("fails the model when $name", async (mutant) => {
    await expectDetected(PRODUCT, mutant, inboxProperty, { ...runs(8 * RUNS), examples: EXAMPLES });
  });
});
