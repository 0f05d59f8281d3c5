import type { UpkeepAnswer, UpkeepTask } from "../children/upkeep.ts";
import { startChild } from "../children.ts";
import type { Table, Target } from "../results.ts";
import { median, type Rounds, ratioOf, samplesOf } from "../stats.ts";

const SMALL = 1_000;
const LARGE = 100_000;
const nameOf = (size: number) => `${size.toLocaleString("en-US")} workspaces`;

/** A lease belongs to a runner, so its upkeep does not depend on the number of workspaces. */
export async function upkeepOf(short: boolean): Promise<{ table: Table; targets: Target[] }> {
  const child = await startChild("upkeep");
  const task: UpkeepTask = { sizes: [SMALL, LARGE], rounds: short ? 5 : 25 };
  const rounds: Rounds = new Map(await child.ask<UpkeepAnswer>(task));
  await child.stop();
  const ratio = (size: number) => ratioOf(rounds, String(size), String(SMALL));
  return {
    table: {
      id: "upkeep",
      title: "one renewal of a lease, and the check for dead runners",
      unit: "ms",
      against: nameOf(SMALL),
      rows: [SMALL, LARGE].map((size) => ({
        name: nameOf(size),
        kind: size === SMALL ? ("floor" as const) : ("ours" as const),
        value: median(samplesOf(rounds, String(size))),
        ratio: ratio(size),
      })),
    },
    targets: [
      {
        what: `upkeep of ${nameOf(LARGE)} to that of ${nameOf(SMALL)}`,
        measured: ratio(LARGE),
        bound: "at most",
        limit: 1.1,
        unit: "×",
      },
    ],
  };
}
