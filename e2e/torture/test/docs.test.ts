import fs from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { rootFolder } from "../src/folder.ts";

const read = (path: string) => fs.readFileSync(join(rootFolder, path), "utf8");

interface Link {
  readonly text: string;
  /** From the repository's root. */
  readonly path: string;
}

function linksIn(document: string): Link[] {
  return [...read(document).matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, text = "", target = ""]) => ({
    text: text.replace(/\s+/g, " "),
    path: join(dirname(document), target),
  }));
}

test("SECURITY.md names tests as they are called", () => {
  const tests = linksIn("SECURITY.md").filter(({ path }) => path.endsWith(".ts"));
  expect(tests.length).toBeGreaterThan(0);
  expect(tests.filter(({ text, path }) => !read(path).includes(text))).toEqual([]);
});

test("docs/durability.md holds figures, and ours never failed", () => {
  const rows = read("docs/durability.md")
    .split("\n")
    .filter((line) => /^\|.* of \d/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) expect(row.split("|")[2]?.trim()).toMatch(/^0 of [\d,]+$/);
});
