import { expect, it } from "vitest";
import { allDocuments } from "../src/documents.ts";
import { logCodes } from "../src/log-codes.ts";

const page = allDocuments().find(({ path }) => path === "docs/events.md") ?? expect.unreachable();
const rows = [...page.text.matchAll(/^\| `([A-Z_]+)` \|(.*)$/gm)].map(([, code = "", rest = ""]) => ({
  code,
  cells: rest.split("|").map((cell) => cell.trim()),
}));

it("the page lists every log code once, and nothing else", () => {
  const documented = rows.map(({ code }) => code);
  expect(documented.length).toBeGreaterThan(30);
  expect(documented.sort()).toEqual(logCodes());
});

it("the page lists each code's level, meaning and fix", () => {
  for (const { code, cells } of rows) {
    const [levels = "", what = "", fix = ""] = cells;
    expect(levels, code).toMatch(/^(trace|debug|info|warn|error)(, (trace|debug|info|warn|error))*$/);
    expect(what, code).not.toBe("");
    expect(fix, code).not.toBe("");
    if (levels.split(", ")[0] === "error") expect(fix, `${code}: an error needs a fix`).not.toBe("nothing");
  }
});
