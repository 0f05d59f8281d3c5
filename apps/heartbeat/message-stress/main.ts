import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "../soak/random.ts";
import { endWithVerdict } from "../soak/verdict.ts";
import { brokenPromises } from "./count.ts";
import { stress } from "./stress.ts";

const USAGE = `stress:messages [--workspaces 1000] [--messages 10000] [--kills 20] [--seed 1]
Exit 0: all checks passed, 1: a check failed.`;

const { values } = parseArgs({
  options: {
    workspaces: { type: "string", default: "1000" },
    messages: { type: "string", default: "10000" },
    kills: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(USAGE);
else {
  const directory = mkdtempSync(join(tmpdir(), "messages-"));
  const report = await stress({
    workspaces: Number(values.workspaces),
    messages: Number(values.messages),
    kills: Number(values.kills),
    sendMs: 60_000,
    quietMs: 20_000,
    giveUpMs: 900_000,
    inboxSeconds: 5,
    directory,
    random: seededRandom(Number(values.seed)),
    onProgress: (line) => console.log(line),
  });
  const broken = brokenPromises(report);
  console.log(JSON.stringify(report));
  endWithVerdict(broken, directory);
}
