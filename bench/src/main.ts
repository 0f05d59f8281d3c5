import { parseArgs } from "node:util";
import { sectionText, targetResultsText } from "./format.ts";
import { machine } from "./machine.ts";
import type { Effort, Section } from "./results.ts";
import { fleet } from "./sections/fleet.ts";
import { headers } from "./sections/headers.ts";
import { save } from "./sections/save.ts";
import { start } from "./sections/start.ts";
import { checkTargets } from "./targets.ts";
import { write } from "./write.ts";

const SECTIONS: Readonly<Record<string, (effort: Effort) => Promise<Section>>> = {
  headers,
  save,
  fleet,
  start,
};

const { values } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: Object.keys(SECTIONS) },
  },
});

const effort: Effort = { short: values.short };
const about = machine();
console.log(
  Object.entries(about)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n"),
);

const sections: Section[] = [];
for (const name of values.only) {
  const measure = SECTIONS[name];
  if (measure === undefined) throw new Error(`--only takes one of: ${Object.keys(SECTIONS).join(", ")}.`);
  const section = await measure(effort);
  sections.push(section);
  console.log(`\n${sectionText(section)}`);
}
console.log(`\n${targetResultsText(checkTargets(sections, effort))}`);
console.log(`\nload average at the end: ${machine()["load average"]}`);

if (values.check) {
  if (!checkTargets(sections, effort).every(({ isMet }) => isMet)) process.exitCode = 1;
} else if (!effort.short && values.only.length === Object.keys(SECTIONS).length) {
  write({ machine: about, sections });
}
