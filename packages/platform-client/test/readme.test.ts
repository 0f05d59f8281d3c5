import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { FailureKind } from "../src/index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it("the README lists every kind of failure", () => {
  const kinds: Record<FailureKind, true> = {
    unauthorized: true,
    forbidden: true,
    not_found: true,
    routing_error: true,
    unavailable: true,
    invalid: true,
    circuit_open: true,
    aborted: true,
  };
  const [, section = ""] = readme.split("| `failure.kind`");
  const [table = ""] = section.split("\n\n");
  const listed = [...table.matchAll(/^\| `(\w+)` *\|/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(Object.keys(kinds).sort());
});
