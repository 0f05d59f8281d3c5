import fs from "node:fs";
import { join } from "node:path";
import type { Bench, Trial } from "../bench.ts";
import { type Contestant, fileIn, leftovers, look, writerOf } from "../contestants.ts";
import type { Lab } from "../lab/lab.ts";
import { createTally, type Finding } from "../report/finding.ts";
import { type Content, judge } from "../tokens.ts";
import { killOnce } from "./kill.ts";
import { saveFirst } from "./outcome.ts";
import { bindFile } from "./places.ts";
import { startServing } from "./serving.ts";

/**
 * Where a file cannot be replaced: only ours and the truncating write save there at all. Tokens of a page and less, for
 * which one write is one step; longer ones too, for which the copy beside it is there.
 */
export const inPlace: Trial = {
  id: "in-place",
  title: "kill -9 while a mounted file is written in place",
  document: "docs/durability.md",
  needs: ["mounts"],
  async run(bench) {
    const findings: Finding[] = [];
    for (const contestant of bench.contestants.filter(({ id }) => id === "ours" || id === "python")) {
      findings.push(
        await bench.lab.within((lab) => killInPlace(bench, lab, contestant, "within a page")),
        await bench.lab.within((lab) => killInPlace(bench, lab, contestant, "all")),
      );
    }
    return findings;
  },
};

async function killInPlace(
  { scale, progress }: Bench,
  lab: Lab,
  contestant: Contestant,
  sizes: "within a page" | "all",
): Promise<Finding> {
  const directory = lab.directory();
  const first = await startServing(lab, contestant);
  await saveFirst(first, directory, 1);
  await first.kill();
  bindFile(lab, directory, fileIn(directory, contestant));
  const tally = createTally();
  const find = () => (sizes === "all" ? lookBeside(directory, contestant) : look(directory, contestant));
  let from = 1;
  for (let time = 1; time <= scale.killsInPlace; time += 1) {
    from = await killOnce(lab, [...writerOf(contestant), "--sizes", sizes], directory, from, find, tally);
    progress(time, scale.killsInPlace);
  }
  const line =
    sizes === "all"
      ? "Killed while writing in place, tokens up to 16 KiB: none whole in the file nor in a copy beside it"
      : "Killed while writing in place, tokens up to 1.5 kB: empty, torn, or older than the last saved";
  return tally.finding(line, contestant.id);
}

/** The file, or else the best copy beside it. */
function lookBeside(directory: string, contestant: Contestant): Content {
  const found = look(directory, contestant);
  if (found.kind === "whole") return found;
  const copies = leftovers(directory, contestant).map((name) =>
    judge(fs.readFileSync(join(directory, name), "utf8")),
  );
  return copies.reduce((best, copy) => (newer(copy, best) ? copy : best), found);
}

function newer(one: Content, other: Content): boolean {
  return one.kind === "whole" && (other.kind !== "whole" || one.n > other.n);
}
