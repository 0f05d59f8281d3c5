import fs from "node:fs";
import os from "node:os";
import type { Bench, Trial } from "../../bench.ts";
import type { Word } from "../../child/fuzzer.ts";
import { built } from "../../folder.ts";
import { type Child, start } from "../../lab/child.ts";
import type { Lab } from "../../lab/lab.ts";
import { createTally, type Finding, type Tally } from "../../report/finding.ts";
import type { Door } from "../doors/door.ts";
import { DOORS } from "../doors/doors.ts";

/** All of the doors' shares together. */
const WHOLE = 1_000_000;
/** An input takes milliseconds; a chunk of them that takes longer than this hangs. */
const PATIENCE_MS = 60_000;
/** More than it was after the first inputs. What a collection leaves varies by a few megabytes. */
const MAX_GROWTH_BYTES = 32 * 1_024 * 1_024;

interface Tallies {
  readonly wire: Tally;
  readonly memory: Tally;
  /** Told how many more inputs are done. */
  readonly done: (inputs: number) => void;
}

export const fuzz: Trial = {
  id: "fuzz",
  title: "a million hostile inputs at every door",
  document: "SECURITY.md",
  needs: [],
  run: (bench) => bench.lab.within((lab) => fuzzDoors(bench, lab)),
};

async function fuzzDoors({ scale, seed, progress }: Bench, lab: Lab): Promise<Finding[]> {
  let inputs = 0;
  const tallies: Tallies = {
    wire: createTally(),
    memory: createTally(),
    done(more) {
      inputs += more;
      progress(inputs, scale.inputs);
    },
  };
  const findings = new Map<Door, Finding>();
  const left = DOORS.values();
  const lane = async () => {
    for (const door of left) {
      const count = Math.max(1, Math.round((door.share * scale.inputs) / WHOLE));
      findings.set(door, await fuzzDoor(lab, door, count, seed, tallies));
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, os.availableParallelism()) }, lane));
  return [
    ...DOORS.flatMap((door) => findings.get(door) ?? []),
    tallies.wire.finding(
      "Sent over a real socket after they were let in: another head than was asked for",
      "ours",
    ),
    tallies.memory.finding("Doors behind which memory grew by more than 32 MB", "ours"),
  ];
}

async function fuzzDoor(
  lab: Lab,
  door: Door,
  count: number,
  seed: number,
  tallies: Tallies,
): Promise<Finding> {
  const tally = createTally();
  const memory: number[] = [];
  let at = seed;
  let heard = performance.now();
  const told = (way: string, from: number, input = "") =>
    `${way} (--seed ${from}) ${input.slice(0, 300)}`.trim();

  const directory = lab.directory(fs.existsSync("/dev/shm") ? "/dev/shm" : undefined);
  const command = [process.execPath, built("fuzzer"), door.id, String(count), String(seed), directory];
  const child: Child = start(lab, command, {
    onLine(line) {
      heard = performance.now();
      const word: Word = JSON.parse(line);
      if ("bad" in word)
        (word.at === "the wire" ? tallies.wire : tally).add(told(word.bad, word.seed, word.input));
      else if ("memory" in word) memory.push(word.memory);
      else if ("tried" in word) {
        tally.add(null, word.tried);
        tallies.wire.add(null, word.sent);
        tallies.done(word.tried);
      } else at = word.seed;
    },
  });
  const watchdog = setInterval(() => {
    if (performance.now() - heard > PATIENCE_MS) void child.kill();
  }, 1_000);
  await child.ended;
  clearInterval(watchdog);

  const line = `Hostile ${door.what}: crashed, hung, leaked, or let in though invalid`;
  if (tally.finding(line, "ours").tried < count) tally.add(told("ended or hung before its time", at));
  const [first = 0, ...rest] = memory.slice(Math.min(1, memory.length - 1));
  const grownBy = Math.max(0, ...rest) - first;
  tallies.memory.add(grownBy > MAX_GROWTH_BYTES ? `${door.what}: ${Math.round(grownBy / 2 ** 20)} MB` : null);
  return tally.finding(line, "ours");
}
