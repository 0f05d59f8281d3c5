import fs from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packageFolder, rootFolder } from "./folder.ts";
import { createLab } from "./lab/lab.ts";
import { continueInNamespace } from "./namespace.ts";
import { asMarkdown, withTable } from "./report/markdown.ts";
import { asSvg } from "./report/plot.ts";
import { missed, type Report } from "./report/report.ts";
import { asText } from "./report/text.ts";
import { runTrials } from "./run.ts";
import { FULL, SHORT } from "./scale.ts";
import { TRIALS } from "./trials.ts";
import { createWatcher } from "./watcher.ts";

const HELP = `pnpm torture [options]

Kills, starves and unplugs processes that keep a token in a file: those that use @x/auth-node, and for
comparison others. Prints how often each lost one. Exit code 1 when ours ever did. As root it does all of
it; otherwise it says what it left out. Takes a quarter to half an hour.

  --trial <ids>   only these, with commas between them:
                  ${TRIALS.map(({ id }) => id).join(", ")}
  --ours          without the others
  --short         far fewer of everything: seconds
  --out <dir>     where report.json and report.svg go; e2e/torture/report unless told otherwise
  --docs          put the figures into docs/durability.md as well`;

const { values } = parseArgs({
  options: {
    trial: { type: "string" },
    ours: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    out: { type: "string", default: join(packageFolder, "report") },
    docs: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(HELP);
  process.exit();
}
const wanted = values.trial?.split(",") ?? TRIALS.map(({ id }) => id);
const unknown = wanted.filter((id) => !TRIALS.some((trial) => trial.id === id));
if (unknown.length > 0) {
  console.error(`There is no trial ${unknown.join(", ")}.\n\n${HELP}`);
  process.exit(2);
}

if (!(await continueInNamespace())) {
  const lab = createLab();
  process.once("exit", lab.end);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => process.exit(130));
  const plan = {
    trials: TRIALS.filter(({ id }) => wanted.includes(id)),
    scale: values.short ? SHORT : FULL,
    compare: !values.ours,
  };
  const report = await runTrials(lab, plan, createWatcher(process.stderr));
  console.log(`\n${asText(report)}\n`);
  write(report);
  process.exitCode = judge(report);
  lab.end();
  // What may still listen has nothing more to say.
  process.exit();
}

function write(report: Report): void {
  const json = `${JSON.stringify(report, null, 2)}\n`;
  fs.mkdirSync(values.out, { recursive: true });
  fs.writeFileSync(join(values.out, "report.json"), json);
  fs.writeFileSync(join(values.out, "report.svg"), asSvg(report));
  if (!values.docs) return;
  const document = join(rootFolder, "docs/durability.md");
  fs.writeFileSync(document, withTable(fs.readFileSync(document, "utf8"), asMarkdown(report)));
  fs.writeFileSync(join(rootFolder, "docs/durability.svg"), asSvg(report));
}

function judge(report: Report): number {
  const lines = missed(report).map(({ line }) => line);
  for (const line of lines) console.log(`Missed: ${line}`);
  if (lines.length === 0 && report.broken.length === 0) {
    console.log(
      report.leftOut.length === 0 ? "Every target was met." : "Every target that could be tried was met.",
    );
    return 0;
  }
  return 1;
}
