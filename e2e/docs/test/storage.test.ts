import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transpile } from "@x/e2e-release/type-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fileNameOf } from "../src/code.ts";
import { allDocuments } from "../src/documents.ts";

const folder = fileURLToPath(new URL("../dist/storage", import.meta.url));
const blocks = allDocuments().find(({ path }) => path === "docs/storage-of-your-own.md")?.blocks ?? [];

/** Writes a block of the page as JavaScript, under the file name in its first line or another one. */
async function write(name: string, as = name): Promise<void> {
  const block = blocks.find((each) => fileNameOf(each) === name) ?? expect.unreachable(name);
  await writeFile(join(folder, as.replace(/\.ts$/, ".js")), transpile(block.code));
}

/** Runs the page's test against the current `kv-storage.js`. */
async function runSuite(): Promise<{ code: number | null; report: string }> {
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  const args = ["--test-reporter=tap", join(folder, "kv-storage.test.js")];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let report = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    report += chunk;
  });
  const [code] = await once(child, "close");
  return { code, report };
}

const failures = (report: string) => [...report.matchAll(/^ +not ok \d+ - (.+)$/gm)].map(([, name]) => name);

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  await write("store.ts");
  await write("kv-storage.test.ts");
});
afterAll(() => rm(folder, { recursive: true }));

it("the page's storage passes the contract suite, including watch and failures", async () => {
  await write("kv-storage.ts");
  const { code, report } = await runSuite();
  expect(failures(report)).toEqual([]);
  expect(code, report).toBe(0);
}, 60_000);

it("the first try of the page breaks it, in the words that the page quotes", async () => {
  await write("naive-storage.ts", "kv-storage.ts");
  const { code, report } = await runSuite();
  expect(code).toBe(1);
  const quoted =
    blocks
      .find(({ language }) => language === "text")
      ?.code.trim()
      .split("\n") ?? [];
  expect(quoted).toHaveLength(2);
  for (const line of quoted) expect(report).toContain(line);
  // Nothing else may be wrong: each of these tests covers one of the two mistakes.
  for (const name of failures(report)) expect(name).toMatch(/fail/);
}, 60_000);
