import { describe, expect, it } from "vitest";
import type { Target } from "./results.ts";
import { judge } from "./targets.ts";

const atMost = (measured: number, more: Partial<Target> = {}): Target => ({
  what: "a ratio",
  measured,
  bound: "at most",
  limit: 2,
  unit: "×",
  ...more,
});

describe("a target", () => {
  it("is met up to its limit, on either side", () => {
    expect(judge(atMost(2), { short: false }).judgement).toBe("met");
    expect(judge(atMost(2.01), { short: false }).judgement).toBe("missed");
    expect(judge(atMost(2, { bound: "at least" }), { short: false }).judgement).toBe("met");
    expect(judge(atMost(1.99, { bound: "at least" }), { short: false }).judgement).toBe("missed");
  });

  it("has a margin in a short run", () => {
    expect(judge(atMost(4), { short: true })).toMatchObject({ judgement: "met", allowed: 4 });
    expect(judge(atMost(4.01), { short: true }).judgement).toBe("missed");
    expect(judge(atMost(1, { bound: "at least" }), { short: true }).judgement).toBe("met");
  });

  it("that could not be reached is kept to what could, and never counts as met", () => {
    const unreached = { limit: 4, why: "Because." };
    expect(judge(atMost(3.9, { unreached }), { short: false }).judgement).toBe("unreached");
    expect(judge(atMost(4.1, { unreached }), { short: false }).judgement).toBe("missed");
    expect(judge(atMost(1.9, { unreached }), { short: false }).judgement).toBe("met");
  });

  it("is missed when nothing was measured", () => {
    expect(judge(atMost(Number.NaN), { short: true }).judgement).toBe("missed");
  });
});
