import fs from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compare, readExplanations } from "../src/explained.ts";

const core = fileURLToPath(new URL("../../../packages/auth-core/src/", import.meta.url));

test("each explained survivor is a line of the code", () => {
  const explanations = readExplanations();
  expect(explanations.length).toBeGreaterThan(5);
  const linesOf = (file: string) =>
    fs
      .readFileSync(join(core, file), "utf8")
      .split("\n")
      .map((line) => line.trim());
  expect(explanations.filter(({ file, code }) => !linesOf(file).includes(code))).toEqual([]);
});

test("unexplained survivors and stale explanations are reported", () => {
  const explained = { file: "a.ts", code: "a + b", becomes: "a - b", why: "both are 0" };
  const another = { file: "a.ts", code: "a + b", becomes: "a * b" };
  expect(compare([explained], [explained])).toEqual({ unexplained: [], needless: [] });
  expect(compare([another], [explained])).toEqual({ unexplained: [another], needless: [explained] });
});
