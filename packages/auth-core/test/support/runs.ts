import fc from "fast-check";
import { TestRunner } from "vitest";

/** How often each property is tried. `FC_RUNS=10000` for a long night. */
export const numRuns = Number(process.env.FC_RUNS ?? 300);

/** Time enough for that many runs of the slowest property. */
export const timeoutMs = Math.max(20_000, numRuns * 20);

declare module "vitest" {
  interface TaskMeta {
    /** How often the test's property was tried; vitest's JSON report tells it. */
    runs?: number;
  }
}

/** Tries a property `numRuns` times. */
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
