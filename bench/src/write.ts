import { readFileSync, writeFileSync } from "node:fs";
import { sectionText, targetResultsText } from "./format.ts";
import { plot } from "./plot.ts";
import type { Results } from "./results.ts";
import { checkTargets } from "./targets.ts";

const here = (name: string) => new URL(`../${name}`, import.meta.url);

const BEGIN = "<!-- results: written by `pnpm bench` -->";
const END = "<!-- /results -->";

/** Writes a run's figures: the JSON, the chart, and the README's tables. */
export async function write(results: Results): Promise<void> {
  writeFileSync(here("results.json"), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(here("bench.svg"), await plot(results));
  const readme = readFileSync(here("README.md"), "utf8");
  const [before, rest = ""] = readme.split(BEGIN);
  const after = rest.slice(rest.indexOf(END));
  writeFileSync(here("README.md"), `${before}${BEGIN}\n\n${tablesOf(results)}\n\n${after}`);
}

function tablesOf({ machine, sections }: Results): string {
  const about = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  const targetResults = targetResultsText(checkTargets(sections, { short: false }));
  return [
    `Measured on: ${about.join("; ")}.`,
    ...sections.map(sectionText),
    "### Targets",
    targetResults,
  ].join("\n\n");
}
