import fs from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { rootFolder } from "../src/folder.ts";
import { DOCUMENTS } from "../src/report/documents.ts";

const read = (path: string) => fs.readFileSync(join(rootFolder, path), "utf8");

interface Link {
  readonly text: string;
  /** Relative to the repository's root. */
  readonly path: string;
}

function linksIn(document: string): Link[] {
  return [...read(document).matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, text = "", target = ""]) => ({
    text: text.replace(/\s+/g, " "),
    path: join(dirname(document), target),
  }));
}

test("SECURITY.md quotes the titles of tests exactly", () => {
  const tests = linksIn("SECURITY.md").filter(({ path }) => path.endsWith(".ts"));
  expect(tests.length).toBeGreaterThan(0);
  expect(tests.filter(({ text, path }) => !read(path).includes(text))).toEqual([]);
});

describe.each(DOCUMENTS)("the table in %s", (document) => {
  const [, table = ""] =
    /<!-- stress: written by.*?-->([\s\S]*?)<!-- stress: end -->/.exec(read(document)) ?? [];
  const rows = table.split("\n").filter((line) => /^\|.* of \d/.test(line));
  const cells = rows.map((row) => row.split("|").map((cell) => cell.trim()));

  test("has figures, and no failures of @x/auth-node", () => {
    expect(rows.length).toBeGreaterThan(4);
    for (const [, , ours] of cells) expect(ours).toMatch(/^0 of [\d,]+$/);
    expect(table).toMatch(/Run on \d{4}-\d\d-\d\d in \d+ minutes/);
  });

  test("has no row of @x/auth-node without attempts", () => {
    for (const [, line = "", ours] of cells) expect(`${line}: ${ours}`).not.toMatch(/: 0 of 0$/);
  });
});
