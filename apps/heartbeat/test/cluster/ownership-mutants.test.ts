import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadSources, type Mutation } from "../invariants/load-product.ts";
import { decideProperty } from "./decide.property.ts";
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

const DECIDE = `${CLUSTER}/decide.ts`;
const DECIDE_MUTANTS: readonly (Mutation & { readonly name: string; readonly shows: RegExp })[] = [
  {
    name: "a runner claims more than is free",
    shows: /claims more than is free/,
    file: DECIDE,
    find: "Math.min(free, share - mine.length)",
    replacement: "share - mine.length",
  },
  {
    name: "a runner fills up to the larger share at once",
    shows: /moves \d+ shards|never settles/,
    file: DECIDE,
    find: "if (mine.length < share) return { claim: Math.min(free, share - mine.length), release: [] };",
    replacement: "if (mine.length < most) return { claim: Math.min(free, most - mine.length), release: [] };",
  },
  {
    name: "a runner takes one more while others lack some",
    shows: /moves \d+ shards|never settles/,
    file: DECIDE,
    find: "mine.length < most && missing === 0",
    replacement: "mine.length < most",
  },
  {
    name: "a runner never takes one more than the even share",
    shows: /has no owner/,
    file: DECIDE,
    find: "claim: Math.min(free, 1)",
    replacement: "claim: Math.min(free, 0)",
  },
  {
    name: "what a runner is giving up counts as its own",
    shows: /releases what it does not have/,
    file: DECIDE,
    find: "(owner === me && !draining.has(shard) ? [shard] : [])",
    replacement: "(owner === me ? [shard] : [])",
  },
  {
    name: "a runner gives up all beyond the smaller share",
    shows: /moves \d+ shards|never settles/,
    file: DECIDE,
    find: "const surplus = mine.length - most;",
    replacement: "const surplus = mine.length - share;",
  },
  {
    name: "a runner gives up all that it has too much of at once",
    shows: /releases too many at a time/,
    file: DECIDE,
    find: "const MAX_RELEASED = 64;",
    replacement: "const MAX_RELEASED = 256;",
  },
  {
    name: "no runner gives one up for another that has too few",
    shows: /uneven/,
    file: DECIDE,
    find: "if (missing <= 0) return false;",
    replacement: "if (missing <= 256) return false;",
  },
  {
    name: "all that have one more give it up for one that is missing",
    shows: /moves \d+ shards|never settles/,
    file: DECIDE,
    find: "return rank >= 0 && rank < missing;",
    replacement: "return rank >= 0;",
  },
  {
    name: "a runner without one more gives one up",
    shows: /moves \d+ shards|never settles|uneven/,
    file: DECIDE,
    find: "return rank >= 0 && rank < missing;",
    replacement: "return rank < missing;",
  },
  {
    name: "each runner has another order of those that give one up",
    shows: /moves \d+ shards|never settles/,
    file: DECIDE,
    find: "> share).sort();",
    replacement: "> share).sort((one) => (one === me ? -1 : 1));",
  },
  {
    name: "free shards do not make up for what is missing",
    shows: /moves \d+ shards|never settles/,
    file: DECIDE,
    find: "missing: missing - free - toBeGivenUp",
    replacement: "missing: missing - toBeGivenUp",
  },
  {
    name: "what others are about to give up does not make up for what is missing",
    shows: /moves \d+ shards|never settles/,
    file: DECIDE,
    find: "(counts.get(id) ?? 0) - most), leaving)",
    replacement: "0 * most), leaving)",
  },
  {
    name: "what a runner is giving up does not make up for what is missing",
    shows: /moves \d+ shards|never settles/,
    file: DECIDE,
    find: "- most), leaving)",
    replacement: "- most), 0 * leaving)",
  },
];

describe("the property of the even share", () => {
  it.each(DECIDE_MUTANTS)("shows it when $name", async ({ shows, ...mutation }) => {
    const mutated = await loadSources<Product>(ENTRY, mutation);
    const details = fc.check(decideProperty(mutated), { numRuns: 2_000, seed, endOnFailure: true });
    expect(String(details.errorInstance)).toMatch(shows);
  });
});

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
