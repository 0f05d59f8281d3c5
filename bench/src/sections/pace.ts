import type { PaceAnswer, PaceTask } from "../children/pace.ts";
import { runChild } from "../children.ts";
import type { Effort, Part } from "../results.ts";
import { atMost, ours, table } from "../tables.ts";

/** The start time of a fleet under the platform's rate limit, relative to the minimum. */
export async function pace({ short }: Effort): Promise<Part> {
  const workspaces = short ? 2_000 : 10_000;
  const limit = workspaces / 2;
  const task: PaceTask = { workspaces, limit };
  const { minutes, requests } = await runChild<PaceAnswer>(task, "pace");
  const least = requests / limit;
  const name = `${workspaces.toLocaleString("en-US")} workspaces with stored tokens, ${limit.toLocaleString("en-US")} requests a minute`;
  const title = "from the start until the platform has heard from all of them, in simulated time";
  return {
    tables: [
      {
        ...table("pace", title, "minutes", [ours(name, minutes, minutes / least)]),
        against: "requests ÷ allowed rate",
      },
    ],
    targets: [atMost("start of a fleet to its requests ÷ the allowed rate", minutes / least, 1.1)],
  };
}
