import { describe, expect, it } from "vitest";
import { interleave, joined, median, quantile, ratioOf } from "./stats.ts";

describe("statistics", () => {
  it("compute the median and other quantiles", () => {
    expect(median([3, 1, 2])).toBe(2);
    const hundred = Array.from({ length: 100 }, (_, index) => index);
    expect(quantile(hundred, 0.99)).toBe(99);
    expect(() => median([])).toThrow("no samples");
  });

  it("merge the rounds of several processes", () => {
    const rounds = joined([
      [["ours", [1, 2]]],
      [
        ["ours", [3]],
        ["floor", [4]],
      ],
    ]);
    expect([...rounds]).toEqual([
      ["ours", [1, 2, 3]],
      ["floor", [4]],
    ]);
  });

  it("compare within a round, so that a slow round changes no ratio", () => {
    const rounds = new Map([
      ["ours", [20, 200, 20]],
      ["floor", [10, 100, 10]],
    ]);
    expect(ratioOf(rounds, "ours", "floor")).toBe(2);
  });
});

describe("interleaving", () => {
  it("takes every measurement once a round", async () => {
    const calls: string[] = [];
    const measurement = (name: string) => [name, () => calls.push(name)] as const;
    const rounds = await interleave(new Map([measurement("a"), measurement("b")]), 5);
    expect(rounds.get("a")).toHaveLength(5);
    for (let round = 0; round < 5; round += 1) {
      expect(calls.slice(2 * round, 2 * round + 2).sort()).toEqual(["a", "b"]);
    }
  });
});
