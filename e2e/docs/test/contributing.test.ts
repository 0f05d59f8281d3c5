import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { allDocuments, root } from "../src/documents.ts";

it("CONTRIBUTING tells of every script, and of no other", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const page = allDocuments().find(({ path }) => path === "CONTRIBUTING.md") ?? expect.unreachable();
  const [, table = ""] = /^## Commands\n([\s\S]*?)^On two cores/m.exec(page.text) ?? [];
  const told = [...table.matchAll(/`pnpm ([\w:]+)`/g)].map(([, name]) => name);
  expect(told.sort()).toEqual(Object.keys(scripts).sort());
});
