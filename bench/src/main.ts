import { readCommandLine, type SectionName, USAGE } from "./command-line.ts";
import { sectionText, targetResultsText } from "./format.ts";
import { machine } from "./machine.ts";
import type { Effort, Section } from "./results.ts";
import { cluster } from "./sections/cluster.ts";
import { fleet } from "./sections/fleet.ts";
import { headers } from "./sections/headers.ts";
import { save } from "./sections/save.ts";
import { scale } from "./sections/scale.ts";
import { start } from "./sections/start.ts";
import { checkTargets } from "./targets.ts";
import { write } from "./write.ts";

const SECTIONS: Readonly<Record<SectionName, (effort: Effort) => Promise<Section>>> = {
  headers,
  save,
  fleet,
  scale,
  start,
  cluster,
};

const command = readCommandLine(process.argv.slice(2));
if ("help" in command) {
  console.log(USAGE);
  process.exit();
}
if ("problem" in command) {
  console.error(`${command.problem} Usage: pnpm bench --help`);
  process.exit(2);
}
const { check, short, only } = command;

const effort: Effort = { short };
const about = machine();
console.log(
  Object.entries(about)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n"),
);

const sections: Section[] = [];
for (const name of only) {
  const section = await SECTIONS[name](effort);
  sections.push(section);
  console.log(`\n${sectionText(section)}`);
}
console.log(`\n${targetResultsText(checkTargets(sections, effort))}`);
console.log(`\nload average at the end: ${machine()["load average"]}`);

if (check) {
  if (!checkTargets(sections, effort).every(({ isMet }) => isMet)) process.exitCode = 1;
} else if (!effort.short && only.length === Object.keys(SECTIONS).length) {
  await write({ machine: about, sections });
}
