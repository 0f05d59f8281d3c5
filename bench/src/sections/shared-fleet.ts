import type { SharedFleetAnswer, SharedFleetTask } from "../children/shared-fleet.ts";
import { runChild } from "../children.ts";
import type { Table, Target } from "../results.ts";
import { SHARED } from "../row-names.ts";
import { type Rounds, ratioOf } from "../stats.ts";
import { atLeast, atMost, rowsOf, table } from "../tables.ts";

/** The cost of a store per heartbeat: none. */
export async function sharedFleet(short: boolean): Promise<{ table: Table; targets: Target[] }> {
  const task: SharedFleetTask = {
    workspaces: 200,
    rounds: short ? 3 : 7,
    milliseconds: short ? 600 : 2_000,
  };
  const answer = await runChild<SharedFleetAnswer>(task, "shared-fleet");
  const rounds: Rounds = new Map(answer.samples);
  const rows = rowsOf(rounds, SHARED.files);
  return {
    table: {
      ...table("shared-fleet", "heartbeats as fast as they go, network aside", "heartbeats/s", rows),
      against: "without",
    },
    targets: [
      atLeast(
        `heartbeats a second of ${SHARED.store} to ${SHARED.files}`,
        ratioOf(rounds, SHARED.store, SHARED.files),
        0.95,
      ),
      atMost(
        "statements of the database for a thousand heartbeats, but for those of the lease",
        (answer.statements / answer.heartbeats) * 1_000,
        1,
        "",
      ),
    ],
  };
}
