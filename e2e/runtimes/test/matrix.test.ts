import { afterAll } from "vitest";
import type { Run } from "../src/drivers/driver.ts";
import { writeResults } from "../src/results.ts";
import { matrix } from "../src/runtimes.ts";
import { check } from "./check.ts";

const runs = new Map<string, Run>();

for (const runtime of matrix) check(runtime, (run) => runs.set(runtime.name, run));

afterAll(async () => {
  const kept = [...runs.values()].every(({ outcomes }) =>
    Object.values(outcomes).every(({ failed }) => failed.length === 0),
  );
  // Only complete, passing runs may be recorded as results.
  if (kept && runs.size === matrix.length) await writeResults(runs);
});
