import fs from "node:fs";
import { join } from "node:path";
import { compare, packageFolder, readExplanations } from "./explained.ts";
import { testMutants } from "./mutants.ts";

const SCORE = 0.98;

const { mutants, survivors } = await testMutants();
const { unexplained, needless } = compare(survivors, readExplanations());
const score = (mutants - survivors.length) / mutants;

const report = join(packageFolder, "report");
fs.mkdirSync(report, { recursive: true });
const outcome = { mutants, survivors, unexplained, needless };
fs.writeFileSync(join(report, "mutation.json"), `${JSON.stringify(outcome, null, 2)}\n`);

console.log(`\n${mutants} mutants, ${survivors.length} survived: ${(score * 100).toFixed(1)} % were found.`);
for (const { file, code, becomes } of unexplained)
  console.log(`Not explained: ${file}: ${code}\n  becomes ${becomes}`);
for (const { file, code, becomes } of needless)
  console.log(`Explained, but found: ${file}: ${code}\n  becomes ${becomes}`);
process.exitCode = unexplained.length + needless.length > 0 || score < SCORE ? 1 : 0;
