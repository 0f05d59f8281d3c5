import fs from "node:fs";
import type { Candidate, Experiment, ExperimentContext } from "../experiment.ts";
import { start } from "../fixtures/child.ts";
import type { Fixtures } from "../fixtures/fixtures.ts";
import { built } from "../folder.ts";
import { type Implementation, writerOf } from "../implementations.ts";
import { createTally, type Finding } from "../report/finding.ts";

const READERS = 2;

/** First in memory, where saves are fast and meet the most reads; then on a real disk. */
export const readers: Experiment = {
  id: "readers",
  title: "two readers while a third process saves",
  document: "docs/durability.md",
  needs: [],
  async run(context) {
    const { saves, savesOnDisk } = context.scale;
    const memory = context.abilities.has("mounts")
      ? context.fixtures.mount("none", ["-t", "tmpfs"])
      : sharedMemory();
    if (memory === undefined)
      context.leaveOut(`${saves} saves in memory, for want of a tmpfs: on the disk instead`);
    const onDisk = `${count(savesOnDisk)} saves on the disk, two readers`;
    const setups: readonly Setup[] = [
      { name: `${count(saves)} saves in memory, two readers: bad reads`, parent: memory, saves, how: "raw" },
      { name: `${onDisk}: bad reads`, saves: savesOnDisk, how: "raw" },
      { name: `${onDisk} that use @x/auth-node: bad reads`, saves: savesOnDisk, how: "ours" },
    ];
    const findings: Finding[] = [];
    for (const setup of setups)
      findings.push(
        ...(await context.each(
          (candidate) => readMeanwhile(context, candidate, setup),
          setup.how === "ours" ? ["ours", "python"] : undefined,
        )),
      );
    return findings;
  },
};

interface Setup {
  readonly name: string;
  readonly saves: number;
  readonly how: "raw" | "ours";
  readonly parent?: string | undefined;
}

async function readMeanwhile(
  context: ExperimentContext,
  { fixtures, implementation }: Candidate,
  setup: Setup,
): Promise<Finding> {
  const directory = fixtures.directory(setup.parent);
  await saveAll(fixtures, implementation, directory, 1, 1);
  const reader = [
    process.execPath,
    built("reader"),
    setup.how === "ours" ? "ours" : implementation.id,
    setup.how,
  ];
  const children = Array.from({ length: READERS }, () => start(fixtures, [...reader, directory]));
  for (const child of children) await child.line();
  await saveAll(fixtures, implementation, directory, 2, setup.saves, (done) =>
    context.progress(done, setup.saves),
  );
  const tally = createTally();
  for (const child of children) {
    child.finish();
    const found: Record<string, number> = JSON.parse((await child.line()) ?? "{}");
    for (const [kind, times] of Object.entries(found)) tally.add(kind === "whole" ? null : kind, times);
  }
  return tally.finding(setup.name, implementation.id);
}

async function saveAll(
  fixtures: Fixtures,
  implementation: Implementation,
  directory: string,
  from: number,
  to: number,
  progress: (done: number) => void = () => {},
): Promise<void> {
  let rejected = 0;
  const writer = start(fixtures, [...writerOf(implementation), "loop", directory, String(from), String(to)], {
    onLine(line) {
      if (line.startsWith("!")) rejected += 1;
      else if (line !== "ready") progress(Number(line));
    },
  });
  await writer.ended;
  if (rejected > 0)
    throw new Error(`${implementation.name} failed ${rejected} saves where nothing was in the way.`);
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
