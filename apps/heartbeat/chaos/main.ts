import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "../soak/random.ts";
import { endWithVerdict } from "../soak/verdict.ts";
import { brokenPromises, TAKE_OVER_MS } from "./audit.ts";
import { chaos } from "./chaos.ts";

const USAGE = `chaos [--runners 4] [--workspaces 1000] [--interval 10] [--rounds 3] [--outage 0] [--seed 1]
Runners in separate processes share workspaces through PostgreSQL, while faults are injected.
Exit 0: all checks passed, 1: a check failed.`;

const { values } = parseArgs({
  options: {
    runners: { type: "string", default: "4" },
    workspaces: { type: "string", default: "1000" },
    interval: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    outage: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(USAGE);
else {
  const directory = mkdtempSync(join(tmpdir(), "chaos-"));
  const report = await chaos({
    runners: Number(values.runners),
    workspaces: Number(values.workspaces),
    intervalSeconds: Number(values.interval),
    rounds: Number(values.rounds),
    outageSeconds: Number(values.outage),
    directory,
    random: seededRandom(Number(values.seed)),
    onProgress: (line) => console.log(line),
  });
  const isLate = report.takeOverP99Ms > TAKE_OVER_MS;
  const broken = [
    ...brokenPromises(report),
    ...(isLate ? [`takeOverP99Ms: ${report.takeOverP99Ms}, not ${TAKE_OVER_MS}`] : []),
  ];
  console.log(JSON.stringify(report, null, 2));
  endWithVerdict(broken, directory);
}
