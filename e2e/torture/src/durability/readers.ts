import fs from "node:fs";
import type { Bench, Trial } from "../bench.ts";
import { type Contestant, writerOf } from "../contestants.ts";
import { built } from "../folder.ts";
import { start } from "../lab/child.ts";
import type { Lab } from "../lab/lab.ts";
import { createTally, type Finding } from "../report/finding.ts";

const READERS = 2;

/** In memory, where a save costs no flush and so the most of them meet the most reads; then on the real disk. */
export const readers: Trial = {
  id: "readers",
  title: "two readers while a third process saves",
  document: "docs/durability.md",
  needs: [],
  async run(bench) {
    const { saves, savesOnDisk } = bench.scale;
    const findings: Finding[] = [];
    const memory = bench.abilities.has("mounts") ? bench.lab.mount("none", ["-t", "tmpfs"]) : sharedMemory();
    if (memory === undefined)
      bench.leaveOut(`${saves} saves in memory, for want of a tmpfs: on the disk instead`);
    for (const contestant of bench.contestants) {
      const name = `${count(saves)} saves in memory, two readers: bad reads`;
      findings.push(await readMeanwhile(bench, contestant, { name, parent: memory, saves, how: "raw" }));
    }
    for (const contestant of bench.contestants) {
      const name = `${count(savesOnDisk)} saves on the disk, two readers: bad reads`;
      findings.push(await readMeanwhile(bench, contestant, { name, saves: savesOnDisk, how: "raw" }));
    }
    for (const contestant of bench.contestants.filter(({ id }) => id === "ours" || id === "python")) {
      const name = `${count(savesOnDisk)} saves on the disk, two readers that use @x/auth-node: bad reads`;
      findings.push(await readMeanwhile(bench, contestant, { name, saves: savesOnDisk, how: "ours" }));
    }
    return findings;
  },
};

interface Setup {
  readonly name: string;
  readonly saves: number;
  readonly how: "raw" | "ours";
  readonly parent?: string | undefined;
}

function readMeanwhile(bench: Bench, contestant: Contestant, setup: Setup): Promise<Finding> {
  return bench.lab.within(async (lab) => {
    const directory = lab.directory(setup.parent);
    await saveAll(lab, contestant, directory, 1, 1);
    const reader = [
      process.execPath,
      built("reader"),
      setup.how === "ours" ? "ours" : contestant.id,
      setup.how,
    ];
    const children = Array.from({ length: READERS }, () => start(lab, [...reader, directory]));
    for (const child of children) await child.line();
    await saveAll(lab, contestant, directory, 2, setup.saves, (done) => bench.progress(done, setup.saves));
    const tally = createTally();
    for (const child of children) {
      child.finish();
      const found: Record<string, number> = JSON.parse((await child.line()) ?? "{}");
      for (const [kind, times] of Object.entries(found)) tally.add(kind === "whole" ? null : kind, times);
    }
    return tally.finding(setup.name, contestant.id);
  });
}

async function saveAll(
  lab: Lab,
  contestant: Contestant,
  directory: string,
  from: number,
  to: number,
  progress: (done: number) => void = () => {},
): Promise<void> {
  let refused = 0;
  const writer = start(lab, [...writerOf(contestant), "loop", directory, String(from), String(to)], {
    onLine(line) {
      if (line.startsWith("!")) refused += 1;
      else if (line !== "ready") progress(Number(line));
    },
  });
  await writer.ended;
  if (refused > 0)
    throw new Error(`${contestant.name} refused ${refused} saves where nothing was in the way.`);
}

function sharedMemory(): string | undefined {
  try {
    fs.accessSync("/dev/shm", fs.constants.W_OK);
    return "/dev/shm";
  } catch {
    return undefined;
  }
}

function count(number: number): string {
  return number.toLocaleString("en");
}
