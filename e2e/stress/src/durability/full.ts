import fs from "node:fs";
import { join } from "node:path";
import type { Candidate, Experiment } from "../experiment.ts";
import type { Fixtures } from "../fixtures/fixtures.ts";
import { fileIn } from "../implementations.ts";
import { createTally, type Finding } from "../report/finding.ts";
import { harm, saveFirst, saveOnce } from "./outcome.ts";
import { startServing } from "./serving.ts";

const KIB = 1_024;

/** Token numbers: of 43 and of 16,384 characters. */
const SHORT = 3;
const LONG = 5;

export const full: Experiment = {
  id: "full",
  title: "a full disk",
  document: "docs/durability.md",
  needs: ["mounts"],
  run: async ({ each }) => [
    ...(await each((candidate) => onFullDisk(candidate, "replaced"))),
    ...(await each((candidate) => onFullDisk(candidate, "written in place"))),
  ],
};

/** Space for none, part and nearly all of a 16 KiB token. */
const FREE = [0, 4 * KIB, 8 * KIB, 12 * KIB];

async function onFullDisk(
  { fixtures, implementation }: Candidate,
  how: "replaced" | "written in place",
): Promise<Finding> {
  const tally = createTally();
  for (const free of FREE) {
    const disk = fixtures.mount("none", ["-t", "tmpfs", "-o", "size=256k"]);
    const directory = join(disk, "configs");
    const writer = await startServing(fixtures, implementation);
    await saveFirst(writer, directory, SHORT);
    if (how === "written in place") bindWithin(fixtures, disk, fileIn(directory, implementation));
    fill(disk, free);
    tally.add(harm(await saveOnce(writer, implementation, directory, { n: LONG, old: SHORT })));
    await writer.kill();
  }
  const where = how === "replaced" ? "0, 4, 8, 12 KiB free" : "the same, file mounted by itself";
  return tally.finding(
    `Full disk (${where}), token of 16 KiB: lost or torn, or not reported`,
    implementation.id,
  );
}

/** Bind-mounts a file of the same disk over the token file, so that it cannot be replaced. */
function bindWithin(fixtures: Fixtures, disk: string, file: string): void {
  const source = join(disk, "mounted");
  fs.copyFileSync(file, source);
  fixtures.mount(source, ["--bind"], file);
}

/** Fills the disk up to `free` bytes. */
function fill(disk: string, free: number): void {
  const { bavail, bsize } = fs.statfsSync(disk);
  fs.writeFileSync(join(disk, "filler"), Buffer.alloc(bavail * bsize - free));
  const left = fs.statfsSync(disk);
  if (left.bavail * left.bsize !== free)
    throw new Error("The disk could not be filled to the intended size.");
}
