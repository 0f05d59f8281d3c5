import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { flagsOfPrograms, problemOf } from "../src/commands.ts";
import { allDocuments, root } from "../src/documents.ts";
import { logCodes } from "../src/log-codes.ts";
import { parseShell } from "../src/shell.ts";

const documents = allDocuments();

/** The sources of the packages and the apps, as one text. */
const sources = ["packages", "apps"]
  .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name, "src")))
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .map((name) => readFileSync(join(folder, name), "utf8")),
  )
  .join("\n");

/** The locations of a pattern's matches that do not occur in the sources. */
function unknown(pattern: RegExp, nameOf = (match: string) => match): string[] {
  return documents.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)]
      .map(([match]) => nameOf(match))
      .filter((name) => !sources.includes(name))
      .map((name) => `${path}: ${name}`),
  );
}

it("every metric that a document names exists", () => {
  expect(unknown(/\bheartbeat_[a-z_]+/g, (name) => name.replace(/_(bucket|count|sum)$/, ""))).toEqual([]);
});

it("every environment variable that a document names is read", () => {
  expect(unknown(/\b(MOLECULE_[A-Z_]*[A-Z]|CONFIGS_DIR|PLATFORM_URL|WORKSPACE_ID)\b/g)).toEqual([]);
});

const spans = documents.flatMap((document) => document.spans.map((span) => ({ path: document.path, span })));

it("every command in a document's text can be run", () => {
  const commands = spans.filter(({ span }) => /^(npm|npx|pnpm|heartbeat) /.test(span));
  expect(commands.length).toBeGreaterThan(20);
  const problems = commands.flatMap(({ path, span }) =>
    parseShell(span.replaceAll(/<[^>]*>/g, "something"))
      .commands.map(problemOf)
      .filter((problem) => problem !== null)
      .map((problem) => `${path}: ${span}: ${problem}`),
  );
  expect(problems).toEqual([]);
  // Each program runs with --help to list its flags.
}, 60_000);

it("every flag in a document's text exists", () => {
  const docker = ["--read-only"];
  const known = [...flagsOfPrograms(), ...docker];
  const flags = spans.filter(({ span }) => span.startsWith("--"));
  expect(flags.length).toBeGreaterThan(10);
  expect(flags.filter(({ span }) => !known.includes(/^--[a-z-]+/.exec(span)?.[0] ?? ""))).toEqual([]);
});

it("every page that a document names, as published READMEs do instead of links, exists", () => {
  const pages = spans.filter(({ span }) => /^docs\/[\w/-]+\.md$/.test(span));
  expect(pages.length).toBeGreaterThan(10);
  expect(pages.filter(({ span }) => !existsSync(join(root, span)))).toEqual([]);
});

/** Upper-case words that are neither codes nor environment variables. */
const FOREIGN = ["CHROMIUM_PATH", "EXT4_IOC_SHUTDOWN", "F_FULLFSYNC", "NPM_TOKEN"];

it("every code and environment variable in a document's text exists", () => {
  const codes = new Set(logCodes());
  const named = spans.flatMap(({ path, span }) =>
    (/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+(:[A-Z0-9_]+)?$/.test(span) ? span.split(":") : []).map((name) => ({
      path,
      name,
    })),
  );
  expect(named.length).toBeGreaterThan(60);
  const known = (name: string) => FOREIGN.includes(name) || codes.has(name) || sources.includes(name);
  expect(named.filter(({ name }) => !known(name))).toEqual([]);
});

it("an invented name is found", () => {
  expect(sources).not.toContain("heartbeat_heartbeats_lost");
  expect(sources).not.toContain("MOLECULE_TOKEN");
});
