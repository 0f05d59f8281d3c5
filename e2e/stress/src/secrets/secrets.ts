import type { Experiment } from "../experiment.ts";
import { createTally } from "../report/finding.ts";
import { collectFromSuite } from "./suite.ts";

/** All output of the repository's tests and their child processes. */
export const secrets: Experiment = {
  id: "secrets",
  title: "tokens in the output of all tests",
  document: "SECURITY.md",
  needs: [],
  async run({ fixtures, scale, leaveOut }) {
    if (!scale.suite) {
      leaveOut("the output of all tests, which `pnpm test:secrets` searches");
      return [];
    }
    const { status, lines, leaks, silent } = await collectFromSuite(fixtures, false);
    if (status !== 0) throw new Error("Some tests failed.");
    if (silent.length > 0) throw new Error(`No output was collected from ${silent.join(", ")}.`);
    const tally = createTally();
    tally.add(null, lines - leaks.length);
    for (const { where } of leaks) tally.add(where);
    const line =
      "Lines of output, logs, errors, events, public objects, coverage and documents: one that contains a test's token";
    return [tally.finding(line, "ours")];
  },
};
