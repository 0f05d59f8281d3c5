import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { flagsOrExit, wholeNumber } from "../soak/flags.ts";
import { scratchDirectory } from "../soak/scratch.ts";
import { measure } from "./measure.ts";
import { describe, figures, shortcomings } from "./report.ts";

const USAGE = `fleet-10k [--workspaces 10000] [--interval 30] [--warm-up 30] [--seconds 120] [--dir <directory>] [--json]
All but the first are seconds. Exit 0: the 99th percentile of the heartbeats was at most 1 s late, 1: it was later, or
heartbeats were missing, 2: an invalid flag.`;

function readFlags() {
  const { values } = parseArgs({
    options: {
      workspaces: { type: "string", default: "10000" },
      interval: { type: "string", default: "30" },
      "warm-up": { type: "string", default: "30" },
      seconds: { type: "string", default: "120" },
      dir: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  return {
    workspaces: wholeNumber("workspaces", values.workspaces),
    intervalSeconds: wholeNumber("interval", values.interval),
    warmUpSeconds: wholeNumber("warm-up", values["warm-up"]),
    seconds: wholeNumber("seconds", values.seconds),
    dir: values.dir,
    json: values.json,
  };
}

const { json, dir, ...options } = flagsOrExit(readFlags, USAGE);
// On disk, not in memory: ten thousand tokens are flushed to it while the schedule runs.
const directory = scratchDirectory("fleet", dir ?? tmpdir());
try {
  const onProgress = (what: string) => console.error(what);
  const found = figures(await measure({ ...options, directory, onProgress }));
  const faults = shortcomings(found);
  console.log(json ? JSON.stringify({ ...found, shortcomings: faults }, null, 2) : describe(found));
  for (const fault of faults) console.error(`FAILED  ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
