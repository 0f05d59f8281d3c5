import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadSources, type Mutation } from "../invariants/load-product.ts";
import { outageProperty, ownershipProperty, type Product } from "./ownership.property.ts";

const seed = Number(process.env.FC_SEED ?? 7);

const ENTRY = fileURLToPath(new URL("./product.ts", import.meta.url));
const CLUSTER = "apps/heartbeat/src/cluster";

const MUTANTS: readonly (Mutation & { readonly name: string; readonly shows: RegExp })[] = [
  {
    name: "the lease counts from the answer to a renewal",
    shows: /may both register/,
    file: `${CLUSTER}/own-lease.ts`,
    find: "this.#renewedAt = sentAt;\n      this.observe();",
    replacement: "this.#renewedAt = momentOf(clock);\n      this.observe();",
  },
  {
    name: "the lease has no margin",
    shows: /may both register/,
    file: `${CLUSTER}/membership.ts`,
    find: "ttlMs - marginMs - elapsedMs",
    replacement: "ttlMs + 0 * marginMs - elapsedMs",
  },
  {
    name: "an evicted runner keeps its id",
    shows: /may both register|uneven/,
    file: `${CLUSTER}/own-lease.ts`,
    find: "this.end();\n    emit",
    replacement: "this.#joins += 1;\n    emit",
  },
  {
    name: "a draining shard counts as held",
    shows: /may both register|uneven|without an owner|still has a row/,
    file: `${CLUSTER}/own-shards.ts`,
    find: 'return this.#states.get(shard) === "held";',
    replacement: "return this.#states.has(shard);",
  },
  {
    name: "a lost answer to a claim is never detected",
    shows: /without an owner|uneven/,
    file: `${CLUSTER}/ownership.ts`,
    find: "this.#gain(unknown);",
    replacement: "",
  },
];

describe("the models of ownership", () => {
  it("show that shards are lost if the time to live does not start over after an outage", async () => {
    const mutated = await loadSources<Product>(ENTRY, {
      file: `${CLUSTER}/membership.ts`,
      find: "const isGap = sentAt - before.at > ttlMs / 2;",
      replacement: "const isGap = before.byId.size === 0;",
    });
    const details = await fc.check(outageProperty(mutated), { numRuns: 60, seed, endOnFailure: true });
    expect(String(details.errorInstance)).toMatch(/moved shards/);
  }, 120_000);

  it.each(MUTANTS)(
    "fail when $name",
    async ({ shows, ...mutation }) => {
      const mutated = await loadSources<Product>(ENTRY, mutation);
      const details = await fc.check(ownershipProperty(mutated), { numRuns: 600, seed, endOnFailure: true });
      expect(String(details.errorInstance)).toMatch(shows);
    },
    120_000,
  );
});
