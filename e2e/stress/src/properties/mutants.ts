import fs from "node:fs";
import { join } from "node:path";
import type { Experiment } from "../experiment.ts";
import { start } from "../fixtures/child.ts";
import { rootFolder } from "../folder.ts";
import { createTally } from "../report/finding.ts";

const FOLDER = join(rootFolder, "e2e/mutation");
const REPORT = join(FOLDER, "report/mutation.json");

/** The report of `e2e/mutation`. */
interface Outcome {
  readonly mutants: number;
  readonly survivors: readonly unknown[];
  readonly unexplained: readonly { readonly code: string }[];
  readonly needless: readonly { readonly code: string }[];
}

/** Whether auth-core's tests detect every relevant mutation of its code. */
export const mutants: Experiment = {
  id: "mutants",
  title: "every mutant of auth-core against its tests",
  document: "SECURITY.md",
  needs: [],
  async run({ fixtures, scale, progress, leaveOut }) {
    if (!scale.mutants) {
      leaveOut("the mutants of auth-core, which take some minutes");
      return [];
    }
    fs.rmSync(REPORT, { force: true });
    const said: string[] = [];
    // Fewer runs of each property kill the same mutants.
    const child = start(fixtures, [process.execPath, join(FOLDER, "dist/main.js")], {
      stderr: "lines",
      env: { FC_RUNS: "100" },
      cwd: FOLDER,
      onLine(line) {
        said.push(line);
        const [, share] = /^Mutation testing +(\d+)%/.exec(line) ?? [];
        if (share !== undefined) progress(Number(share), 100);
      },
    });
    await child.ended;
    if (!fs.existsSync(REPORT)) throw new Error(`Stryker failed: ${said.slice(-5).join(" ")}`);
    const outcome: Outcome = JSON.parse(fs.readFileSync(REPORT, "utf8"));
    const found = ((1 - outcome.survivors.length / outcome.mutants) * 100).toFixed(1);
    const tally = createTally();
    tally.add(null, outcome.mutants - outcome.unexplained.length);
    for (const { code } of outcome.unexplained) tally.add(`survived in ${code}`);
    for (const { code } of outcome.needless) tally.add(`explained, but found, in ${code}`);
    const line = `Mutants of auth-core (${found} % killed by its tests): an unexplained survivor`;
    return [tally.finding(line, "ours")];
  },
};
