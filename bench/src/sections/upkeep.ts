import type { UpkeepAnswer, UpkeepTask } from "../children/upkeep.ts";
import { runChild } from "../children.ts";
import type { Table, Target } from "../results.ts";
import { type Rounds, ratioOf } from "../stats.ts";
import { atMost, rowsOf, table } from "../tables.ts";

const SMALL = 1_000;
const LARGE = 100_000;
const nameOf = (size: number) => `${size.toLocaleString("en-US")} workspaces`;

/** A lease belongs to a runner, so its upkeep does not depend on the number of workspaces. */
export async function upkeepOf(short: boolean): Promise<{ table: Table; targets: Target[] }> {
  const task: UpkeepTask = { sizes: [SMALL, LARGE], rounds: short ? 5 : 25 };
  const answer = await runChild<UpkeepAnswer>(task, "upkeep");
  const rounds: Rounds = new Map(answer.map(([size, samples]) => [nameOf(Number(size)), samples]));
  const [small, large] = [nameOf(SMALL), nameOf(LARGE)];
  const title = "one renewal of a lease, and the check for dead runners";
  return {
    table: { ...table("upkeep", title, "ms", rowsOf(rounds, small)), against: small },
    targets: [atMost(`upkeep of ${large} to that of ${small}`, ratioOf(rounds, large, small), 1.1)],
  };
}
