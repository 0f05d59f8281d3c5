import * as core from "@x/auth-core";
import { createNodeAuth } from "@x/auth-node";
import { expect, it } from "vitest";
import { allDocuments } from "../src/documents.ts";

const page = allDocuments().find(({ path }) => path === "docs/coming-from-python.md") ?? expect.unreachable();
const [, table = ""] = /^\| `platform_auth` .*\n\| ---.*\n((?:\|.*\n)+)/m.exec(page.text) ?? [];
const rows = table
  .trim()
  .split("\n")
  .map((row) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()));

it("the table lists the names that the Python blocks use", () => {
  const documented = rows.flatMap(([, python = ""]) =>
    [...python.matchAll(/`(\w+)\(/g)].map(([, name]) => name),
  );
  const used = page.blocks
    .filter(({ language }) => language === "python")
    .flatMap(({ code }) => /from platform_auth import (.+)/.exec(code)?.[1]?.split(", ") ?? []);
  expect(new Set(used).size).toBeGreaterThan(4);
  expect(used.filter((name) => !documented.includes(name))).toEqual([]);
});

it("the table leads to existing methods", () => {
  const here = rows.flatMap(([, , ours = ""]) => [...ours.matchAll(/`(?:await )?(auth\.)?(\w+)\(/g)]);
  const known = { auth: createNodeAuth({ configsDir: "/nowhere" }), core };
  expect(here.length).toBeGreaterThan(12);
  for (const [, method, name = ""] of here) expect(method ? known.auth : known.core).toHaveProperty(name);
});
