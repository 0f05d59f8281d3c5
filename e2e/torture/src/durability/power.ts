import fs from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, Trial } from "../bench.ts";
import { type Contestant, fileIn, look, writerOf } from "../contestants.ts";
import { type Child, start } from "../lab/child.ts";
import { createDisk, type Disk, flush } from "../lab/ext4.ts";
import type { Lab } from "../lab/lab.ts";
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

export const power: Trial = {
  id: "power",
  title: "loss of power (ext4, its log not flushed)",
  document: "docs/durability.md",
  needs: ["ext4"],
  async run(bench) {
    const findings: Finding[] = [];
    for (const contestant of bench.contestants) {
      findings.push(...(await bench.lab.within((lab) => cutAfterSaves(bench, lab, contestant))));
      findings.push(await bench.lab.within((lab) => cutWhileSaving(bench, lab, contestant)));
    }
    return findings;
  },
};

async function cutAfterSaves(bench: Bench, lab: Lab, contestant: Contestant): Promise<Finding[]> {
  const disk = await createDisk(lab);
  const writer = await startServing(lab, contestant);
  const findings: Finding[] = [];
  for (const situation of ["overwriting", "fresh", "new directories"] as const) {
    const tally = createTally();
    for (let trial = 1; trial <= bench.scale.cuts; trial += 1) {
      tally.add(await cutOnce(disk, writer, contestant, situation, trial));
      bench.progress(trial, bench.scale.cuts);
    }
    findings.push(tally.finding(LINES[situation], contestant.id));
  }
  return findings;
}

/** @returns what is wrong with what is there after the restart */
async function cutOnce(
  disk: Disk,
  writer: Child,
  contestant: Contestant,
  situation: Situation,
  trial: number,
): Promise<string | null> {
  const parent = join(disk.path, `${situation.replace(" ", "-")}-${trial}`);
  const directory = situation === "new directories" ? join(parent, "agents/one") : parent;
  if (situation !== "new directories") {
    fs.mkdirSync(directory);
    flush(directory, disk.path);
  }
  if (situation === "overwriting") {
    await saveFirst(writer, directory, OLD);
    flush(fileIn(directory, contestant), directory);
  }
  await saveFirst(writer, directory, NEW);
  await disk.cutPower();
  disk.restart();
  return loss(look(directory, contestant), NEW);
}

async function cutWhileSaving(bench: Bench, lab: Lab, contestant: Contestant): Promise<Finding> {
  const disk = await createDisk(lab);
  const tally = createTally();
  for (let trial = 1; trial <= bench.scale.cuts; trial += 1) {
    const directory = join(disk.path, `meanwhile-${trial}`);
    fs.mkdirSync(directory);
    const saved = await saveUntilCut(lab, disk, contestant, directory);
    disk.restart();
    tally.add(loss(look(directory, contestant), saved));
    bench.progress(trial, bench.scale.cuts);
  }
  return tally.finding(MEANWHILE, contestant.id);
}

/** @returns the last token of which the writer said that it is saved */
async function saveUntilCut(
  lab: Lab,
  disk: Disk,
  contestant: Contestant,
  directory: string,
): Promise<number> {
  const writer = start(lab, [...writerOf(contestant), "loop", directory, "1"]);
  // Ready, and the first one saved.
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
