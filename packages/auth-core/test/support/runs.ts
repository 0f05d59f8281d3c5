import fc from "fast-check";
import { TestRunner } from "vitest";

/** Runs of each property. Set `FC_RUNS=10000` for a long run. */
export const numRuns = Number(process.env.FC_RUNS ?? 300);

/** Enough time for that many runs of the slowest property. */
export const timeoutMs = Math.max(20_000, numRuns * 20);

declare module "vitest" {
  interface TaskMeta {
    /** How many runs the test's property had, for vitest's JSON report. */
    runs?: number;
  }
}

/** Checks a property with `numRuns` runs. */
export function always<T>(property: fc.IAsyncProperty<T>): Promise<void> {
  return fc.assert(property, {
    numRuns,
    async asyncReporter(details) {
      const test = TestRunner.getCurrentTest();
      if (test) test.meta.runs = details.numRuns;
      if (!details.failed) return;
      throw new Error(await fc.asyncDefaultReportMessage(details), { cause: details.errorInstance });
    },
  });
}
