import fs from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { EXPERIMENTS } from "./experiments.ts";
import { findAbilities } from "./fixtures/abilities.ts";
import { createFixtures } from "./fixtures/fixtures.ts";
import { packageFolder, rootFolder } from "./folder.ts";
import { continueInNamespace } from "./namespace.ts";
import { DOCUMENTS } from "./report/documents.ts";
import { asMarkdown, withTable } from "./report/markdown.ts";
import { asSvg } from "./report/plot.ts";
import { missed, type Report } from "./report/report.ts";
import { asText } from "./report/text.ts";
import { runExperiments } from "./run.ts";
import { FULL, SHORT } from "./scale.ts";
import { createWatcher } from "./watcher.ts";

const HELP = `pnpm stress [options]

Stresses processes that store a token in a file, with @x/auth-node and, for comparison, other packages:
kills, full disks, power cuts. Then tries to obtain a token: by races, mutants, other tenants, hostile
input, and from all output. Prints how often a token was lost or leaked. Exits with 1 if @x/auth-node
ever did. Needs root for some experiments; skips and lists them otherwise. Takes half an hour to an hour.

  --experiment <ids>
                  only these, with commas between them:
                  ${EXPERIMENTS.map(({ id }) => id).join(", ")}
  --ours          without the other implementations
  --short         a much smaller run: seconds
  --seed <n>      seed of the random inputs, as printed with a failure
  --out <dir>     the directory of report.json and report.svg; default: e2e/stress/report
  --docs          also write the figures to ${DOCUMENTS.join(" and ")}, for each complete run`;

const { values } = parseArgs({
  options: {
    experiment: { type: "string" },
    ours: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    out: { type: "string", default: join(packageFolder, "report") },
    docs: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(HELP);
  process.exit();
}
const wanted = values.experiment?.split(",") ?? EXPERIMENTS.map(({ id }) => id);
const unknown = wanted.filter((id) => !EXPERIMENTS.some((experiment) => experiment.id === id));
if (unknown.length > 0) {
  console.error(`There is no experiment ${unknown.join(", ")}.\n\n${HELP}`);
  process.exit(2);
}

if (!(await continueInNamespace())) {
  const fixtures = createFixtures();
  process.once("exit", fixtures.end);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => process.exit(130));
  const abilities = findAbilities();
  const reports: Report[] = [];
  for (const document of DOCUMENTS) {
    const plan = {
      document,
      experiments: EXPERIMENTS.filter(
        (experiment) => experiment.document === document && wanted.includes(experiment.id),
      ),
      abilities,
      scale: values.short ? SHORT : FULL,
      seed: Number(values.seed),
      compare: !values.ours,
    };
    if (plan.experiments.length > 0)
      reports.push(await runExperiments(fixtures, plan, createWatcher(process.stderr)));
  }
  console.log(`\n${reports.map(asText).join("\n\n")}\n`);
  write(reports);
  process.exitCode = exitCodeOf(reports);
  fixtures.end();
  // Output of remaining listeners is no longer relevant.
  process.exit();
}

function write(reports: readonly Report[]): void {
  fs.mkdirSync(values.out, { recursive: true });
  fs.writeFileSync(join(values.out, "report.json"), `${JSON.stringify(reports, null, 2)}\n`);
  for (const report of reports) {
    const plot = report.document === "docs/durability.md" ? asSvg(report) : null;
    if (plot !== null) fs.writeFileSync(join(values.out, "report.svg"), plot);
    if (!values.docs || !isComplete(report)) continue;
    const document = join(rootFolder, report.document);
    fs.writeFileSync(document, withTable(fs.readFileSync(document, "utf8"), asMarkdown(report)));
    if (plot !== null) fs.writeFileSync(join(rootFolder, "docs/durability.svg"), plot);
  }
}

/** A partial table must not replace a complete one. */
function isComplete({ document, broken }: Report): boolean {
  const left = EXPERIMENTS.filter(
    (experiment) => experiment.document === document && !wanted.includes(experiment.id),
  );
  if (left.length === 0 && broken.length === 0) return true;
  console.error(`${document} was not updated, because not all of its experiments were completed.`);
  return false;
}

function exitCodeOf(reports: readonly Report[]): number {
  const lines = reports.flatMap(missed).map(({ line }) => line);
  for (const line of lines) console.log(`Missed: ${line}`);
  if (lines.length === 0 && reports.every(({ broken }) => broken.length === 0)) {
    const all = reports.every(({ leftOut }) => leftOut.length === 0);
    console.log(all ? "Every target was met." : "Every target that could be tried was met.");
    return 0;
  }
  return 1;
}
