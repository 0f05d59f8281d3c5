import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Candidate, Experiment, ExperimentContext } from "../experiment.ts";
import { start } from "../fixtures/child.ts";
import type { Fixtures } from "../fixtures/fixtures.ts";
import { type Implementation, inspectFile, leftovers, writerOf } from "../implementations.ts";
import { createTally, type Finding, type Tally } from "../report/finding.ts";
import type { Content } from "../tokens.ts";
import { loss } from "./outcome.ts";

/** Several saves long, so that every moment of a save is equally likely. */
const WITHIN_MS = 25;

export const kill: Experiment = {
  id: "kill",
  title: "kill -9 at any instant",
  document: "docs/durability.md",
  needs: [],
  run: (context) => context.each((candidate) => killOften(context, candidate)),
};

async function killOften(
  context: ExperimentContext,
  { fixtures, implementation }: Candidate,
): Promise<Finding[]> {
  const { kills } = context.scale;
  const index = context.implementations.indexOf(implementation);
  const tally = createTally();
  const directories = Array.from({ length: Math.min(4, 2 * os.availableParallelism()) }, () =>
    fixtures.directory(),
  );
  let left = kills;
  const lanes = directories.map(async (directory) => {
    let from = 1;
    while (left > 0) {
      left -= 1;
      from = await killOnce(
        fixtures,
        writerOf(implementation),
        directory,
        from,
        () => inspectFile(directory, implementation),
        tally,
      );
      context.progress(index * kills + kills - left, context.implementations.length * kills);
    }
  });
  await Promise.all(lanes);
  return [
    tally.finding(
      "Killed at any instant: token empty, torn, missing, or older than the last saved",
      implementation.id,
    ),
    await sweep(fixtures, implementation, directories),
  ];
}

/** @returns the number of the next writer's first token */
export async function killOnce(
  fixtures: Fixtures,
  writer: readonly string[],
  directory: string,
  from: number,
  find: () => Content,
  tally: Tally,
): Promise<number> {
  let saved = 0;
  let firstSaved = () => {};
  const saving = new Promise<void>((resolve) => {
    firstSaved = resolve;
  });
  const child = start(fixtures, [...writer, "loop", directory, String(from)], {
    onLine(line) {
      if (line === "ready") return;
      saved = line.startsWith("!") ? saved : Number(line);
      firstSaved();
    },
  });
  await Promise.race([saving, child.ended]);
  await sleep(Math.random() * WITHIN_MS);
  await child.kill();
  if (saved === 0) throw new Error("A writer saved nothing before it was killed.");
  tally.add(loss(find(), saved));
  return saved + 2;
}

/** The next save removes old leftovers. */
async function sweep(
  fixtures: Fixtures,
  implementation: Implementation,
  directories: readonly string[],
): Promise<Finding> {
  const tally = createTally();
  for (const directory of directories) {
    const before = leftovers(directory, implementation);
    const hourAgo = new Date(Date.now() - 3_600_000);
    for (const name of before) fs.utimesSync(join(directory, name), hourAgo, hourAgo);
    const child = start(fixtures, [...writerOf(implementation), "loop", directory, "1", "1"]);
    await child.ended;
    const after = leftovers(directory, implementation).length;
    tally.add(null, before.length - after);
    tally.add("left", after);
  }
  return tally.finding(
    "Temporary files of killed writers still there after a save an hour later",
    implementation.id,
  );
}
