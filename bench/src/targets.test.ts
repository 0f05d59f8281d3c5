import { describe, expect, it } from "vitest";
import type { Target } from "./results.ts";
import { checkTarget } from "./targets.ts";

const atMost = (measured: number, more: Partial<Target> = {}): Target => ({
  what: "a ratio",
  measured,
  bound: "at most",
  limit: 2,
  unit: "×",
  ...more,
});

describe("a target", () => {
  it("is met up to and including its limit, for minimums and maximums", () => {
    expect(checkTarget(atMost(2), { short: false }).isMet).toBe(true);
    expect(checkTarget(atMost(2.01), { short: false }).isMet).toBe(false);
    expect(checkTarget(atMost(2, { bound: "at least" }), { short: false }).isMet).toBe(true);
    expect(checkTarget(atMost(1.99, { bound: "at least" }), { short: false }).isMet).toBe(false);
  });

  it("has a margin in a short run", () => {
    expect(checkTarget(atMost(4), { short: true })).toMatchObject({ isMet: true, allowed: 4 });
    expect(checkTarget(atMost(4.01), { short: true }).isMet).toBe(false);
    expect(checkTarget(atMost(1, { bound: "at least" }), { short: true }).isMet).toBe(true);
  });

  it("is missed if nothing was measured", () => {
    expect(checkTarget(atMost(Number.NaN), { short: true }).isMet).toBe(false);
  });
});
