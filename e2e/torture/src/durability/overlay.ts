import fs from "node:fs";
import { join } from "node:path";
import type { Bench, Trial } from "../bench.ts";
import { type Contestant, look } from "../contestants.ts";
import { createDisk, flush } from "../lab/ext4.ts";
import type { Lab } from "../lab/lab.ts";
import { createTally, type Finding } from "../report/finding.ts";
import { loss, saveFirst } from "./outcome.ts";
import { startServing } from "./serving.ts";

/** Where a container keeps what is on no volume: in a layer over its image. */
export const overlay: Trial = {
  id: "overlay",
  title: "loss of power under an overlayfs",
  document: "docs/durability.md",
  needs: ["ext4"],
  async run(bench) {
    const findings: Finding[] = [];
    for (const contestant of bench.contestants) {
      findings.push(await bench.lab.within((lab) => cutUnderOverlay(bench, lab, contestant)));
    }
    return findings;
  },
};

/** Of different lengths: the one that the image comes with, and the one that is saved. */
const OLD = 1;
const NEW = 2;

async function cutUnderOverlay(
  { scale, progress }: Bench,
  lab: Lab,
  contestant: Contestant,
): Promise<Finding> {
  const disk = await createDisk(lab);
  const image = lab.directory();
  const seen = lab.directory();
  const writer = await startServing(lab, contestant);
  await saveFirst(writer, image, OLD);
  const tally = createTally();
  for (let trial = 1; trial <= scale.cuts; trial += 1) {
    const layer = join(disk.path, `layer-${trial}`);
    const work = join(disk.path, `work-${trial}`);
    for (const directory of [layer, work]) {
      fs.mkdirSync(directory);
      flush(directory, disk.path);
    }
    const layers = `lowerdir=${image},upperdir=${layer},workdir=${work}`;
    await lab.within(async (inner) => {
      inner.mount("overlay", ["-t", "overlay", "-o", layers], seen);
      await saveFirst(writer, seen, NEW);
      await disk.cutPower();
    });
    disk.restart();
    const wrong = loss(look(layer, contestant), NEW);
    // Not in the layer: then the image's shows.
    tally.add(wrong === "missing" ? "older" : wrong);
    progress(trial, scale.cuts);
  }
  return tally.finding(
    "Power cut right after a save on an overlayfs: the new token is not there",
    contestant.id,
  );
}
