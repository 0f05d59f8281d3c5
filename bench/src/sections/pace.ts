import type { PaceAnswer, PaceTask } from "../children/pace.ts";
import { startChild } from "../children.ts";
import type { Effort, Table, Target } from "../results.ts";
import { atMost } from "./idle.ts";

/** The start time of a fleet under the platform's rate limit, relative to the minimum. */
export async function pace({ short }: Effort): Promise<{ tables: Table[]; targets: Target[] }> {
  const workspaces = short ? 2_000 : 10_000;
  const limit = workspaces / 2;
  const child = await startChild("pace");
  const task: PaceTask = { workspaces, limit };
  const { minutes, requests } = await child.ask<PaceAnswer>(task);
  await child.stop();
  const least = requests / limit;
  const name = `${workspaces.toLocaleString("en-US")} workspaces with stored tokens, ${limit.toLocaleString("en-US")} requests a minute`;
  return {
    tables: [
      {
        id: "pace",
        title: "from the start until the platform has heard from all of them, in simulated time",
        unit: "minutes",
        against: "requests ÷ allowed rate",
        rows: [{ name, kind: "ours", value: minutes, ratio: minutes / least }],
      },
    ],
    targets: [atMost("start of a fleet to its requests ÷ the allowed rate", minutes / least, 1.1, "×")],
  };
}
