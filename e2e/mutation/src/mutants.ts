import fs from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Stryker } from "@stryker-mutator/core";
import { packageFolder, type Survivor } from "./explained.ts";

/** The package under test. */
const core = join(packageFolder, "../../packages/auth-core");

export interface Outcome {
  readonly mutants: number;
  readonly survivors: readonly Survivor[];
}

const SURVIVED: readonly string[] = ["Survived", "NoCoverage"];
const KILLED: readonly string[] = ["Killed", "Timeout"];

/** Runs Stryker on auth-core: every mutation it knows, one at a time, against the package's tests. */
export async function testMutants(): Promise<Outcome> {
  // Stryker must run in the package's own directory.
  process.chdir(core);
  const results = await new Stryker({
    testRunner: "vitest",
    plugins: [fileURLToPath(import.meta.resolve("@stryker-mutator/vitest-runner"))],
    mutate: ["src/**/*.ts", "!src/**/*.test.ts", "!src/globals.d.ts"],
    vitest: { configFile: join(packageFolder, "vitest.config.ts"), related: false },
    tempDirName: "../../e2e/mutation/.stryker-tmp",
    coverageAnalysis: "perTest",
    concurrency: 2,
    // On a busy machine a slow test must not count as a killed mutant.
    timeoutMS: 60_000,
    reporters: ["progress-append-only"],
    warnings: false,
  }).runMutationTest();
  const valid = results.filter(({ status }) => SURVIVED.includes(status) || KILLED.includes(status));
  const survivors = valid.filter(({ status }) => SURVIVED.includes(status));
  return {
    mutants: valid.length,
    survivors: survivors.map(({ fileName, location, replacement }) => ({
      file: fileName.slice(fileName.lastIndexOf("/") + 1),
      code: lineOf(fileName, location.start.line),
      becomes: replacement.replace(/\s+/g, " "),
    })),
  };
}

/** Stryker's lines and columns start at 1. */
function lineOf(path: string, line: number): string {
  return fs.readFileSync(path, "utf8").split("\n")[line - 1]?.trim() ?? "";
}
