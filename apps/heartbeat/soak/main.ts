import { rmSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { queryObjects } from "node:v8";
import { checkPromises, isBroken } from "./assertions.ts";
import { INJECTED_FAULTS } from "./fault-injection.ts";
import { flagsOrExit, wholeNumber } from "./flags.ts";
import { scratchDirectory } from "./scratch.ts";
import { type SoakReport, soak } from "./soak.ts";
import { describe, describeDay } from "./table.ts";

const USAGE = `soak [--days 30] [--workspaces 200] [--interval 60] [--seed 1] [--dir <directory>] [--json]
     [--inject-fault ${INJECTED_FAULTS.join("|")}]
--interval is in seconds. Exit 0: all checks passed, 1: a check failed, 2: an invalid flag.`;

function readFlags() {
  const { values } = parseArgs({
    options: {
      days: { type: "string", default: "30" },
      workspaces: { type: "string", default: "200" },
      interval: { type: "string", default: "60" },
      seed: { type: "string", default: "1" },
      dir: { type: "string" },
      "inject-fault": { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const injectedFault = INJECTED_FAULTS.find((known) => known === values["inject-fault"]) ?? null;
  if (values["inject-fault"] !== undefined && injectedFault === null)
    throw new Error(`--inject-fault ${values["inject-fault"]}`);
  return {
    days: wholeNumber("days", values.days),
    workspaces: wholeNumber("workspaces", values.workspaces),
    intervalMs: wholeNumber("interval", values.interval) * 1000,
    seed: wholeNumber("seed", values.seed),
    injectedFault,
    dir: values.dir,
    json: values.json,
  };
}

/**
 * Bytes in use after a full garbage collection: a heap query runs as many collections as it needs. Two or three would
 * leave unused code and everything it references, growing from day to day.
 */
function heapUsed(): number {
  queryObjects(Object, { format: "count" });
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function run({ json, dir, ...flags }: ReturnType<typeof readFlags>): Promise<SoakReport> {
  const directory = scratchDirectory("soak", dir);
  const startedAt = performance.now();
  try {
    return await soak({
      ...flags,
      directory,
      heapUsed,
      onDay(day) {
        if (!json) console.log(describeDay(day, flags.days, (performance.now() - startedAt) / 1000));
      },
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const flags = flagsOrExit(readFlags, USAGE);
const report = await run(flags);
console.log(
  flags.json ? JSON.stringify({ ...report, assertions: checkPromises(report) }, null, 2) : describe(report),
);
process.exitCode = checkPromises(report).some(isBroken) ? 1 : 0;
