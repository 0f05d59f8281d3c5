import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { findAbilities } from "../src/fixtures/abilities.ts";
import { python } from "../src/folder.ts";
import { classify, tokenOf } from "../src/tokens.ts";

test("a token contains its number, and consecutive ones differ in length", () => {
  for (const n of [1, 2, 3, 1_000_000]) expect(classify(tokenOf(n))).toEqual({ kind: "whole", n });
  expect(new Set([1, 2, 3].map((n) => tokenOf(n).length))).toEqual(new Set([43, 1_500, 16_384]));
});

test("a part of a token, or parts of two, are detected", () => {
  const numbers = fc.integer({ min: 1, max: 5_000 });
  const cuts = fc.oneof(fc.integer({ min: 1, max: 16_000 }), fc.constantFrom(43, 1_500));
  fc.assert(
    fc.property(numbers, numbers, cuts, (one, other, at) => {
      const mixed = tokenOf(one).slice(0, at) + tokenOf(other).slice(at);
      const content = classify(mixed);
      expect(content.kind === "torn" || mixed === tokenOf(one) || mixed === tokenOf(other)).toBe(true);
    }),
  );
  expect(classify("")).toEqual({ kind: "empty" });
  expect(classify(null)).toEqual({ kind: "missing" });
});

const hasPython = findAbilities().has("python3");
test(
  hasPython ? "the Python writer writes the same tokens" : "there is no python3 here to compare with",
  () => {
    if (!hasPython) return expect(spawnSync("python3", ["--version"]).status).not.toBe(0);
    const script = `
import hashlib, runpy, sys
sys.argv = ["", "loop", "/tmp", "1", "0"]
token = runpy.run_path(${JSON.stringify(python("truncating"))})["token_of"](5, "all")
print(hashlib.sha256(token.encode()).hexdigest())`;
    const { stdout, stderr } = spawnSync("python3", ["-c", script], { encoding: "utf8" });
    expect(stdout.trim().split("\n").at(-1), stderr).toBe(
      createHash("sha256").update(tokenOf(5)).digest("hex"),
    );
  },
);
