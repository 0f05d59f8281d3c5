import { describe, it } from "vitest";
import { expectDetected, mutantsOf } from "../support/mutants.ts";
import { runs } from "../support/runs.ts";
import { decideProperty } from "./decide.property.ts";
import { outageProperty, ownershipProperty } from "./ownership.property.ts";

const PRODUCT = new URL("./product.ts", import.meta.url);
const CLUSTER = "apps/heartbeat/src/cluster";

const MUTANTS = mutantsOf({
  [`${CLUSTER}/own-lease.ts`]: {
    "the lease counts from the answer to a renewal": {
      shows: /may both register/,
      find: "this.#unconfirmed = sentAt;",
      replacement: "this.#unconfirmed = momentOf(clock);",
    },
    "a late renewal counts before the owners are read": {
      shows: /may both register/,
      find: "if (this.remainingMs() > 0) this.confirm();",
      replacement: "this.confirm();",
    },
    "an evicted runner keeps its id": {
      shows: /may both register|uneven/,
      find: "this.end();\n    emit",
      replacement: "this.#joins += 1;\n    emit",
    },
  },
  [`${CLUSTER}/membership.ts`]: {
    "the lease has no margin": {
      shows: /may both register/,
      find: "ttlMs - marginMs - elapsedMs",
      replacement: "ttlMs + 0 * marginMs - elapsedMs",
    },
  },
  [`${CLUSTER}/own-shards.ts`]: {
    "a draining shard counts as held": {
      shows: /may both register|uneven|without an owner|still has a row/,
      find: 'return this.#states.get(shard) === "held";',
      replacement: "return this.#states.has(shard);",
    },
  },
  [`${CLUSTER}/ownership.ts`]: {
    "a lost answer to a claim is never detected": {
      shows: /without an owner|uneven/,
      find: "this.#gain(unknown);",
    },
  },
});

const DECIDE = `${CLUSTER}/decide.ts`;
const DECIDE_MUTANTS = mutantsOf({
  [DECIDE]: {
    "a runner claims more than is free": {
      shows: /claims more than is free/,
      find: "Math.min(free, share - mine.length)",
      replacement: "share - mine.length",
    },
    "a runner fills up to the larger share at once": {
      shows: /moves \d+ shards|never settles/,
      find: "if (mine.length < share) return { claim: Math.min(free, share - mine.length), release: [] };",
      replacement:
        "if (mine.length < most) return { claim: Math.min(free, most - mine.length), release: [] };",
    },
    "a runner takes one more while others lack some": {
      shows: /moves \d+ shards|never settles/,
      find: "mine.length < most && missing === 0",
      replacement: "mine.length < most",
    },
    "a runner never takes one more than the even share": {
      shows: /has no owner/,
      find: "claim: Math.min(free, 1)",
      replacement: "claim: Math.min(free, 0)",
    },
    "what a runner is giving up counts as its own": {
      shows: /releases what it does not have/,
      find: "(owner === me && !draining.has(shard) ? [shard] : [])",
      replacement: "(owner === me ? [shard] : [])",
    },
    "a runner gives up all beyond the smaller share": {
      shows: /moves \d+ shards|never settles/,
      find: "const surplus = mine.length - most;",
      replacement: "const surplus = mine.length - share;",
    },
    "a runner gives up all that it has too much of at once": {
      shows: /releases too many at a time/,
      find: "const MAX_RELEASED = 64;",
      replacement: "const MAX_RELEASED = 256;",
    },
    "no runner gives one up for another that has too few": {
      shows: /uneven/,
      find: "if (missing <= 0) return false;",
      replacement: "if (missing <= 256) return false;",
    },
    "all that have one more give it up for one that is missing": {
      shows: /moves \d+ shards|never settles/,
      find: "return rank >= 0 && rank < missing;",
      replacement: "return rank >= 0;",
    },
    "a runner without one more gives one up": {
      shows: /moves \d+ shards|never settles|uneven/,
      find: "return rank >= 0 && rank < missing;",
      replacement: "return rank < missing;",
    },
    "each runner has another order of those that give one up": {
      shows: /moves \d+ shards|never settles/,
      find: "> share).sort();",
      replacement: "> share).sort((one) => (one === me ? -1 : 1));",
    },
    "free shards do not make up for what is missing": {
      shows: /moves \d+ shards|never settles/,
      find: "missing: missing - free - toBeGivenUp",
      replacement: "missing: missing - toBeGivenUp",
    },
    "what others are about to give up does not make up for what is missing": {
      shows: /moves \d+ shards|never settles/,
      find: "(counts.get(id) ?? 0) - most), leaving)",
      replacement: "0 * most), leaving)",
    },
    "what a runner is giving up does not make up for what is missing": {
      shows: /moves \d+ shards|never settles/,
      find: "- most), leaving)",
      replacement: "- most), 0 * leaving)",
    },
  },
});

const OUTAGE_MUTANTS = mutantsOf({
  [`${CLUSTER}/membership.ts`]: {
    "the time to live does not start over after an outage": {
      shows: /moved shards/,
      find: "const isGap = sentAt - before.at > ttlMs / 2;",
      replacement: "const isGap = before.byId.size === 0;",
    },
  },
});

describe("the properties of ownership", { timeout: 120_000 }, () => {
  it.each(DECIDE_MUTANTS)("that shares are even fails when $name", async (mutant) => {
    await expectDetected(PRODUCT, mutant, decideProperty, runs(2_000));
  });

  it.each(OUTAGE_MUTANTS)("that an outage moves no shards fails when $name", async (mutant) => {
    await expectDetected(PRODUCT, mutant, outageProperty, runs(60));
  });

  it.each(MUTANTS)("that each shard has one owner fails when $name", async (mutant) => {
    await expectDetected(PRODUCT, mutant, ownershipProperty, runs(600));
  });
});
