import fs from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Stryker } from "@stryker-mutator/core";
import { packageFolder, type Survivor } from "./explained.ts";

/** The package whose tests are put to the test. */
const core = join(packageFolder, "../../packages/auth-core");

export interface Outcome {
  readonly mutants: number;
  readonly survivors: readonly Survivor[];
}

const SURVIVED: readonly string[] = ["Survived", "NoCoverage"];
const KILLED: readonly string[] = ["Killed", "Timeout"];

/** Changes auth-core in every way that Stryker knows, one at a time, and lets its tests look for each. */
export async function testMutants(): Promise<Outcome> {
  // Stryker takes the place for the package.
  process.chdir(core);
  const results = await new Stryker({
    testRunner: "vitest",
    plugins: [fileURLToPath(import.meta.resolve("@stryker-mutator/vitest-runner"))],
    mutate: ["src/**/*.ts", "!src/**/*.test.ts", "!src/globals.d.ts"],
    vitest: { configFile: join(packageFolder, "vitest.config.ts"), related: false },
    tempDirName: "../../e2e/mutation/.stryker-tmp",
    coverageAnalysis: "perTest",
    concurrency: 2,
    // A busy machine must not pass for a test that has noticed something.
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

/** Stryker counts from 1. */
function lineOf(path: string, line: number): string {
  return fs.readFileSync(path, "utf8").split("\n")[line - 1]?.trim() ?? "";
}
