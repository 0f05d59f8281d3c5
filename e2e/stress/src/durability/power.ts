import fs from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Candidate, Experiment, ExperimentContext } from "../experiment.ts";
import { type Child, start } from "../fixtures/child.ts";
import { createDisk, type Disk, flush } from "../fixtures/ext4.ts";
import type { Fixtures } from "../fixtures/fixtures.ts";
import { fileIn, type Implementation, inspectFile, writerOf } from "../implementations.ts";
import { createTally, type Finding } from "../report/finding.ts";
import { loss, saveFirst } from "./outcome.ts";
import { startServing } from "./serving.ts";

const LINES = {
  overwriting: "Power cut right after a save that overwrites: the new token is not there",
  fresh: "Power cut right after a first save: the token is not there",
  "new directories": "Power cut right after a first save in new directories: the token is not there",
};
type Situation = keyof typeof LINES;

/** Of different lengths. */
const OLD = 1;
const NEW = 2;

const MEANWHILE =
  "Power cut at any instant of saving: token empty, torn, missing, or older than the last saved";

export const power: Experiment = {
  id: "power",
  title: "loss of power (ext4, its log not flushed)",
  document: "docs/durability.md",
  needs: ["ext4"],
  run: (context) =>
    context.each(async (candidate) => [
      ...(await cutAfterSaves(context, candidate)),
      await cutWhileSaving(context, candidate),
    ]),
};

async function cutAfterSaves(
  context: ExperimentContext,
  { fixtures, implementation }: Candidate,
): Promise<Finding[]> {
  const disk = await createDisk(fixtures);
  const writer = await startServing(fixtures, implementation);
  const findings: Finding[] = [];
  for (const situation of ["overwriting", "fresh", "new directories"] as const) {
    const tally = createTally();
    for (let attempt = 1; attempt <= context.scale.cuts; attempt += 1) {
      tally.add(await cutOnce(disk, writer, implementation, situation, attempt));
      context.progress(attempt, context.scale.cuts);
    }
    findings.push(tally.finding(LINES[situation], implementation.id));
  }
  return findings;
}

/** @returns what is wrong after the restart */
async function cutOnce(
  disk: Disk,
  writer: Child,
  implementation: Implementation,
  situation: Situation,
  attempt: number,
): Promise<string | null> {
  const parent = join(disk.path, `${situation.replace(" ", "-")}-${attempt}`);
  const directory = situation === "new directories" ? join(parent, "agents/one") : parent;
  if (situation !== "new directories") {
    fs.mkdirSync(directory);
    flush(directory, disk.path);
  }
  if (situation === "overwriting") {
    await saveFirst(writer, directory, OLD);
    flush(fileIn(directory, implementation), directory);
  }
  await saveFirst(writer, directory, NEW);
  await disk.cutPower();
  disk.restart();
  return loss(inspectFile(directory, implementation), NEW);
}

async function cutWhileSaving(
  context: ExperimentContext,
  { fixtures, implementation }: Candidate,
): Promise<Finding> {
  const disk = await createDisk(fixtures);
  const tally = createTally();
  for (let attempt = 1; attempt <= context.scale.cuts; attempt += 1) {
    const directory = join(disk.path, `meanwhile-${attempt}`);
    fs.mkdirSync(directory);
    const saved = await saveUntilCut(fixtures, disk, implementation, directory);
    disk.restart();
    tally.add(loss(inspectFile(directory, implementation), saved));
    context.progress(attempt, context.scale.cuts);
  }
  return tally.finding(MEANWHILE, implementation.id);
}

/** @returns the last token that the writer confirmed */
async function saveUntilCut(
  fixtures: Fixtures,
  disk: Disk,
  implementation: Implementation,
  directory: string,
): Promise<number> {
  const writer = start(fixtures, [...writerOf(implementation), "loop", directory, "1"]);
  // Ready, and the first token is saved.
  await writer.line();
  let saved = Number(await writer.line());
  const cut = sleep(Math.random() * 25).then(() => disk.cutPower());
  for (let said = await writer.line(); said !== null && !said.startsWith("!"); said = await writer.line()) {
    saved = Number(said);
  }
  await cut;
  await writer.kill();
  return saved;
}
