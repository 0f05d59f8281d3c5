import { spawn } from "node:child_process";
import fs from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Fixtures } from "../fixtures/fixtures.ts";
import { built, rootFolder } from "../folder.ts";
import { documents, filesIn, type Search, search } from "./search.ts";

/** Sources that must have produced something; otherwise the collector was inactive. */
const SOURCES = ["run", "stdout", "stderr", "error", "event", "object", "coverage", "document"];

export interface Collected extends Search {
  readonly status: number | null;
  /** Sources that produced nothing. */
  readonly silent: readonly string[];
}

/** Runs a program with the collector, also in its child processes, and searches the output. */
export async function collectFrom(
  fixtures: Fixtures,
  command: readonly string[],
  show: boolean,
): Promise<Collected> {
  const directory = fixtures.directory();
  // Some tests run as another user.
  fs.chmodSync(directory, 0o777);
  const [program = "", ...args] = command;
  const { NODE_OPTIONS = "", FORCE_COLOR = process.stdout.isTTY ? "1" : "", ...env } = process.env;
  for (const name of Object.keys(env)) if (/^(VITEST|STRESS_)/.test(name)) delete env[name];
  const said = join(directory, "run");
  // Bypasses a collector of this very process.
  const output = show ? "pipe" : fs.openSync(said, "a");
  const child = spawn(program, args, {
    cwd: rootFolder,
    stdio: ["ignore", output, output],
    env: {
      ...env,
      ...(FORCE_COLOR && { FORCE_COLOR }),
      NODE_OPTIONS: `${NODE_OPTIONS} --import=${pathToFileURL(built("collector")).href}`.trim(),
      COLLECTED_OUTPUT: directory,
      // Inspecting every object takes longer than everything else.
      FC_RUNS: "50",
    },
  });
  fixtures.undo(() => void child.kill());
  for (const [stream, own] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    stream?.on("data", (chunk) => {
      fs.appendFileSync(said, chunk);
      own.write(chunk);
    });
  }
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (typeof output === "number") fs.closeSync(output);
  const files = filesIn(directory);
  const { lines, leaks } = search(files);
  const collected = new Set(files.map((path) => basename(path).replace(/-.*/, "")));
  return { status, lines, leaks, silent: SOURCES.filter((source) => !collected.has(source)) };
}

/** All tests of the repository, with coverage, and all documents. */
export async function collectFromSuite(fixtures: Fixtures, show: boolean): Promise<Collected> {
  const vitest = join(rootFolder, "node_modules/vitest/vitest.mjs");
  const run = await collectFrom(fixtures, [process.execPath, vitest, "run", "--coverage"], show);
  const written = { coverage: filesIn(join(rootFolder, "coverage")), document: documents() };
  const more = search(Object.values(written).flat());
  const silent = Object.entries(written).flatMap(([source, files]) => (files.length === 0 ? [source] : []));
  return {
    status: run.status,
    lines: run.lines + more.lines,
    leaks: [...run.leaks, ...more.leaks],
    silent: [...run.silent.filter((source) => !(source in written)), ...silent],
  };
}
