import type { Experiment } from "../experiment.ts";
import { runTests, type TestResult } from "../fixtures/vitest.ts";
import { createTally, type Finding } from "../report/finding.ts";
import { count } from "../report/report.ts";

const TESTS = "packages/auth-core/test";

/** The properties are tests of auth-core; they run longer here. */
export const properties: Experiment = {
  id: "properties",
  title: "random interleavings and sequences of an Auth's methods",
  document: "SECURITY.md",
  needs: [],
  async run({ fixtures, scale: { runs } }) {
    const files = [`${TESTS}/races`, `${TESTS}/model.test.ts`];
    const results = await runTests(fixtures, ["--project", "auth-core", ...files], { FC_RUNS: String(runs) });
    const of = (part: string) => [...results].flatMap(([file, tests]) => (file.includes(part) ? tests : []));
    const interleaved = `${count(runs)} interleavings of reads, refreshes, saves, rejections, events and failures`;
    return [
      toFinding(`${interleaved}, for each race: a wrong answer`, of("/races"), runs),
      toFinding(
        `${count(runs)} random sequences: a result that differs from the model of Auth`,
        of("/model."),
        runs,
      ),
    ];
  },
};

/** @param runs the planned number of runs for each property, unless it failed earlier */
function toFinding(line: string, tests: readonly TestResult[], runs: number): Finding {
  const tally = createTally();
  for (const { title, status, meta } of tests) {
    if (status !== "passed") tally.add(title);
    // An example among the properties.
    else if (meta.runs === undefined) continue;
    else if (meta.runs < runs) tally.add(`${title}: too few runs`);
    else tally.add(null, meta.runs);
  }
  const finding = tally.finding(line, "ours");
  if (finding.tried === 0) throw new Error("No property was run.");
  return finding;
}
