import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { publishedPackages, root } from "../src/workspace.ts";

const packages = publishedPackages(root);
const names = packages.map(({ name }) => name);
/** A sentence or more, for users. */
const PROSE = /^[A-Z`].{38,}\.$/;
const plain = (text: string) => text.replaceAll(/\s+/g, " ").trim();

const folder = join(root, ".changeset");
const pending = readdirSync(folder).filter((file) => file.endsWith(".md") && file !== "README.md");

it.each(pending)("the changeset %s names published packages, and tells users what changes", (file) => {
  const [, head = "", text = ""] = readFileSync(join(folder, file), "utf8").split(/^---$/m);
  const released = Object.keys(parse(head) ?? {});
  expect(names).toEqual(expect.arrayContaining(released));
  if (released.length > 0) expect(plain(text)).toMatch(PROSE);
});

it.each(packages)("each entry of the changelog of $name tells users what changed", ({ folder }) => {
  const [, ...entries] = readFileSync(join(root, folder, "CHANGELOG.md"), "utf8").split(/^- /m);
  const written = entries.filter((entry) => !entry.startsWith("Updated dependencies"));
  expect(written).not.toEqual([]);
  for (const entry of written)
    expect(plain(entry.replace(/^## .*/ms, "").replace(/^[0-9a-f]{7,40}: /, ""))).toMatch(PROSE);
});
