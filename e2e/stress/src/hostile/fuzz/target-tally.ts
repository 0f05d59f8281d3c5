import type { FuzzerMessage } from "../../child/fuzzer.ts";
import { createTally, type Tally } from "../../report/finding.ts";
import type { FuzzTarget } from "../fuzz-targets/fuzz-target.ts";

/** Growth since the first inputs. After a garbage collection, memory varies by a few megabytes. */
const MAX_GROWTH_BYTES = 32 * 1_024 * 1_024;

/** Counters shared by all fuzz targets. */
export interface SharedTallies {
  readonly wire: Tally;
  readonly memory: Tally;
  /** Called with the number of further completed inputs. */
  readonly done: (inputs: number) => void;
}

export type TargetTally = ReturnType<typeof createTargetTally>;

/** The result of one fuzz target, from its process's messages. */
export function createTargetTally(
  target: FuzzTarget,
  count: number,
  firstSeed: number,
  shared: SharedTallies,
) {
  const tally = createTally();
  const line = `Hostile input, ${target.what}: crashed, hung, leaked, or accepted though invalid`;
  const memory: number[] = [];
  let seed = firstSeed;
  let hasBegun = false;
  const describe = (way: string, from: number, input = "") =>
    `${way} (--seed ${from}) ${input.slice(0, 300)}`.trim();
  return {
    target,
    /** The number of inputs planned for it. */
    count,
    hasBegun: () => hasBegun,
    receive(message: Exclude<FuzzerMessage, { target: string }>) {
      hasBegun = true;
      if ("bad" in message) {
        (message.at === "the wire" ? shared.wire : tally).add(
          describe(message.bad, message.seed, message.input),
        );
      } else if ("memory" in message) memory.push(message.memory);
      else if ("tried" in message) {
        tally.add(null, message.tried);
        shared.wire.add(null, message.sent);
        shared.done(message.tried);
      } else seed = message.seed;
    },
    finding() {
      if (tally.finding(line, "ours").tried < count) tally.add(describe("ended early or hung", seed));
      const [first = 0, ...rest] = memory.slice(Math.min(1, memory.length - 1));
      const grownBy = Math.max(0, ...rest) - first;
      const megabytes = Math.round(grownBy / 2 ** 20);
      shared.memory.add(grownBy > MAX_GROWTH_BYTES ? `${target.what}: ${megabytes} MB` : null);
      return tally.finding(line, "ours");
    },
  };
}
