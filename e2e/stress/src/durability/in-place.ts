import fs from "node:fs";
import { join } from "node:path";
import type { Candidate, Experiment, ExperimentContext } from "../experiment.ts";
import { fileIn, type Implementation, inspectFile, leftovers, writerOf } from "../implementations.ts";
import { createTally, type Finding } from "../report/finding.ts";
import { type Content, classify } from "../tokens.ts";
import { killOnce } from "./kill.ts";
import { bindFile } from "./locations.ts";
import { saveFirst } from "./outcome.ts";
import { startServing } from "./serving.ts";

/**
 * If a file cannot be replaced, only @x/auth-node and the truncating write can save at all. Tokens up to a page are
 * written in one step; longer ones need the copy.
 */
export const inPlace: Experiment = {
  id: "in-place",
  title: "kill -9 while a mounted file is written in place",
  document: "docs/durability.md",
  needs: ["mounts"],
  run: (context) =>
    context.each(
      async (candidate) => [
        await killInPlace(context, candidate, "within a page"),
        await killInPlace(context, candidate, "all"),
      ],
      ["ours", "python"],
    ),
};

async function killInPlace(
  { scale, progress }: ExperimentContext,
  { fixtures, implementation }: Candidate,
  sizes: "within a page" | "all",
): Promise<Finding> {
  const directory = fixtures.directory();
  const first = await startServing(fixtures, implementation);
  await saveFirst(first, directory, 1);
  await first.kill();
  bindFile(fixtures, directory, fileIn(directory, implementation));
  const tally = createTally();
  const find = () =>
    sizes === "all" ? inspectCopies(directory, implementation) : inspectFile(directory, implementation);
  let from = 1;
  for (let time = 1; time <= scale.killsInPlace; time += 1) {
    from = await killOnce(
      fixtures,
      [...writerOf(implementation), "--sizes", sizes],
      directory,
      from,
      find,
      tally,
    );
    progress(time, scale.killsInPlace);
  }
  const line =
    sizes === "all"
      ? "Killed while writing in place, tokens up to 16 KiB: none whole in the file nor in a copy beside it"
      : "Killed while writing in place, tokens up to 1.5 kB: empty, torn, or older than the last saved";
  return tally.finding(line, implementation.id);
}

/** The file, or else the best copy next to it. */
function inspectCopies(directory: string, implementation: Implementation): Content {
  const found = inspectFile(directory, implementation);
  if (found.kind === "whole") return found;
  const copies = leftovers(directory, implementation).map((name) =>
    classify(fs.readFileSync(join(directory, name), "utf8")),
  );
  return copies.reduce((best, copy) => (newer(copy, best) ? copy : best), found);
}

function newer(one: Content, other: Content): boolean {
  return one.kind === "whole" && (other.kind !== "whole" || one.n > other.n);
}
