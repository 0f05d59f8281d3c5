import { expect, it } from "vitest";
import { allDocuments } from "../src/documents.ts";
import { logCodes } from "../src/log-codes.ts";

const page = allDocuments().find(({ path }) => path === "docs/running-a-fleet.md") ?? expect.unreachable();
const [, table = ""] = /^### Log codes\n[\s\S]*?((?:^\|.*\n)+)/m.exec(page.text) ?? [];
const rows = table
  .trim()
  .split("\n")
  .slice(2)
  .map((row) => row.split("|"));

it("the table has every code that a line of the log may have, once, and no other", () => {
  const documented = rows.flatMap(([, codes = ""]) =>
    [...codes.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code),
  );
  expect(documented.length).toBeGreaterThan(30);
  expect(documented.sort()).toEqual(logCodes());
});

it("the table says the level of each, and what happened", () => {
  for (const [, codes, level = "", what = ""] of rows) {
    expect(level.trim(), codes).toMatch(/^(trace|debug|info|warn|error)(, (trace|debug|info|warn|error))*$/);
    expect(what.trim(), codes).not.toBe("");
  }
});
