import fs from "node:fs";
import { join } from "node:path";
import type { Candidate, Experiment, ExperimentContext } from "../experiment.ts";
import { createDisk, flush } from "../fixtures/ext4.ts";
import { inspectFile } from "../implementations.ts";
import { createTally, type Finding } from "../report/finding.ts";
import { loss, saveFirst } from "./outcome.ts";
import { startServing } from "./serving.ts";

/** Files outside volumes, in a container's writable layer over its image. */
export const overlay: Experiment = {
  id: "overlay",
  title: "loss of power under an overlayfs",
  document: "docs/durability.md",
  needs: ["ext4"],
  run: (context) => context.each((candidate) => cutUnderOverlay(context, candidate)),
};

/** Of different lengths: the image's token, and the saved one. */
const OLD = 1;
const NEW = 2;

async function cutUnderOverlay(
  { scale, progress }: ExperimentContext,
  { fixtures, implementation }: Candidate,
): Promise<Finding> {
  const disk = await createDisk(fixtures);
  const image = fixtures.directory();
  const seen = fixtures.directory();
  const writer = await startServing(fixtures, implementation);
  await saveFirst(writer, image, OLD);
  const tally = createTally();
  for (let attempt = 1; attempt <= scale.cuts; attempt += 1) {
    const layer = join(disk.path, `layer-${attempt}`);
    const work = join(disk.path, `work-${attempt}`);
    for (const directory of [layer, work]) {
      fs.mkdirSync(directory);
      flush(directory, disk.path);
    }
    const layers = `lowerdir=${image},upperdir=${layer},workdir=${work}`;
    await fixtures.within(async (inner) => {
      inner.mount("overlay", ["-t", "overlay", "-o", layers], seen);
      await saveFirst(writer, seen, NEW);
      await disk.cutPower();
    });
    disk.restart();
    const wrong = loss(inspectFile(layer, implementation), NEW);
    // Missing in the layer, so the image's file shows.
    tally.add(wrong === "missing" ? "older" : wrong);
    progress(attempt, scale.cuts);
  }
  return tally.finding(
    "Power cut right after a save on an overlayfs: the new token is not there",
    implementation.id,
  );
}
