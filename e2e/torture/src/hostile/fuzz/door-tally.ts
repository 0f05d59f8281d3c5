import type { Word } from "../../child/fuzzer.ts";
import { createTally, type Finding, type Tally } from "../../report/finding.ts";
import type { Door } from "../doors/door.ts";

/** More than it was after the first inputs. What a collection leaves varies by a few megabytes. */
const MAX_GROWTH_BYTES = 32 * 1_024 * 1_024;

/** What is counted of all doors together. */
export interface SharedTallies {
  readonly wire: Tally;
  readonly memory: Tally;
  /** Told how many more inputs are done. */
  readonly done: (inputs: number) => void;
}

/** What comes of one door, from what is said while it is tried. */
export interface DoorTally {
  readonly door: Door;
  /** How many inputs it is to get. */
  readonly count: number;
  hear(word: Exclude<Word, { door: string }>): void;
  hasBegun(): boolean;
  finding(): Finding;
}

export function createDoorTally(
  door: Door,
  count: number,
  firstSeed: number,
  shared: SharedTallies,
): DoorTally {
  const tally = createTally();
  const line = `Hostile ${door.what}: crashed, hung, leaked, or let in though invalid`;
  const memory: number[] = [];
  let seed = firstSeed;
  let hasBegun = false;
  const told = (way: string, from: number, input = "") =>
    `${way} (--seed ${from}) ${input.slice(0, 300)}`.trim();
  return {
    door,
    count,
    hasBegun: () => hasBegun,
    hear(word) {
      hasBegun = true;
      if ("bad" in word) {
        (word.at === "the wire" ? shared.wire : tally).add(told(word.bad, word.seed, word.input));
      } else if ("memory" in word) memory.push(word.memory);
      else if ("tried" in word) {
        tally.add(null, word.tried);
        shared.wire.add(null, word.sent);
        shared.done(word.tried);
      } else seed = word.seed;
    },
    finding() {
      if (tally.finding(line, "ours").tried < count) tally.add(told("ended or hung before its time", seed));
      const [first = 0, ...rest] = memory.slice(Math.min(1, memory.length - 1));
      const grownBy = Math.max(0, ...rest) - first;
      const megabytes = Math.round(grownBy / 2 ** 20);
      shared.memory.add(grownBy > MAX_GROWTH_BYTES ? `${door.what}: ${megabytes} MB` : null);
      return tally.finding(line, "ours");
    },
  };
}
