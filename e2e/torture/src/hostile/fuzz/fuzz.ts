import fs from "node:fs";
import os from "node:os";
import type { Bench, Trial } from "../../bench.ts";
import type { Word } from "../../child/fuzzer.ts";
import { built } from "../../folder.ts";
import { start } from "../../lab/child.ts";
import type { Lab } from "../../lab/lab.ts";
import { createTally, type Finding } from "../../report/finding.ts";
import { DOORS } from "../doors/doors.ts";
import { createDoorTally, type DoorTally, type SharedTallies } from "./door-tally.ts";

/** All of the doors' shares together. */
const WHOLE = 1_000_000;
/** An input takes milliseconds; a chunk of them that takes longer than this hangs. */
const PATIENCE_MS = 60_000;
/** Below so many inputs, starting a process for each door takes longer than trying them. */
const FEW = 100_000;
export const fuzz: Trial = {
  id: "fuzz",
  title: "a million hostile inputs at every door",
  document: "SECURITY.md",
  needs: [],
  run: (bench) => bench.lab.within((lab) => fuzzDoors(bench, lab)),
};

async function fuzzDoors({ scale, seed, progress }: Bench, lab: Lab): Promise<Finding[]> {
  let inputs = 0;
  const shared: SharedTallies = {
    wire: createTally(),
    memory: createTally(),
    done(more) {
      inputs += more;
      progress(inputs, scale.inputs);
    },
  };
  const tallies = DOORS.map((door) => {
    const count = Math.max(1, Math.round((door.share * scale.inputs) / WHOLE));
    return createDoorTally(door, count, seed, shared);
  });
  const left = (scale.inputs < FEW ? [tallies] : tallies.map((tally) => [tally])).values();
  const lane = async () => {
    for (const some of left) await fuzzSome(lab, some, seed);
  };
  await Promise.all(Array.from({ length: Math.min(4, os.availableParallelism()) }, lane));
  return [
    ...tallies.map((tally) => tally.finding()),
    shared.wire.finding(
      "Sent over a real socket after they were let in: another head than was asked for",
      "ours",
    ),
    shared.memory.finding("Doors behind which memory grew by more than 32 MB", "ours"),
  ];
}

/** Some doors, one after the other in one process; the rest of them in another one when that ends before its time. */
async function fuzzSome(lab: Lab, tallies: readonly DoorTally[], seed: number): Promise<void> {
  for (let left = tallies; left.length > 0; ) {
    await fuzzInProcess(lab, left, seed);
    // The first one at least: were it not over now, it would be what ended the process, and would do so again.
    left = left.slice(1).filter((tally) => !tally.hasBegun());
  }
}

async function fuzzInProcess(lab: Lab, tallies: readonly DoorTally[], seed: number): Promise<void> {
  const directory = lab.directory(fs.existsSync("/dev/shm") ? "/dev/shm" : undefined);
  const wanted = tallies.map(({ door, count }) => `${door.id}=${count}`);
  let heard = performance.now();
  let current: DoorTally | undefined;
  const child = start(lab, [process.execPath, built("fuzzer"), String(seed), directory, ...wanted], {
    onLine(line) {
      heard = performance.now();
      const word: Word = JSON.parse(line);
      if ("door" in word) current = tallies.find(({ door }) => door.id === word.door);
      else current?.hear(word);
    },
  });
  const watchdog = setInterval(() => {
    if (performance.now() - heard > PATIENCE_MS) void child.kill();
  }, 1_000);
  await child.ended;
  clearInterval(watchdog);
}
