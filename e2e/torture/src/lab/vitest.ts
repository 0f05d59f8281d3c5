import fs from "node:fs";
import { join } from "node:path";
import { rootFolder } from "../folder.ts";
import { start } from "./child.ts";
import type { Lab } from "./lab.ts";

/** One test, as vitest's JSON report has it. */
export interface TestResult {
  readonly title: string;
  readonly status: string;
  /** What the test left there. */
  readonly meta: { readonly runs?: number };
}

/**
 * Runs tests of the repository to their end.
 *
 * @param args what `vitest run` is told
 * @returns each file's tests by the file's path
 */
export async function runTests(
  lab: Lab,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Map<string, TestResult[]>> {
  const report = join(lab.directory(), "tests.json");
  const vitest = [process.execPath, join(rootFolder, "node_modules/vitest/vitest.mjs"), "run"];
  const options = ["--reporter=json", `--outputFile=${report}`];
  const child = start(lab, [...vitest, ...options, ...args], { complaints: "heard", env, cwd: rootFolder });
  const said: string[] = [];
  for (let line = await child.line(); line !== null; line = await child.line()) said.push(line);
  if (!fs.existsSync(report)) throw new Error(`The tests could not be run: ${said.slice(-5).join(" ")}`);
  const { testResults }: { testResults: { name: string; assertionResults: TestResult[] }[] } = JSON.parse(
    fs.readFileSync(report, "utf8"),
  );
  return new Map(testResults.map(({ name, assertionResults }) => [name, assertionResults]));
}
