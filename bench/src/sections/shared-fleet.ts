import type { SharedFleetAnswer, SharedFleetTask } from "../children/shared-fleet.ts";
import { startChild } from "../children.ts";
import type { Table, Target } from "../results.ts";
import { SHARED } from "../row-names.ts";
import { median, type Rounds, ratioOf, samplesOf } from "../stats.ts";

/** The cost of a store per heartbeat: none. */
export async function sharedFleet(short: boolean): Promise<{ table: Table; targets: Target[] }> {
  const child = await startChild("shared-fleet");
  const task: SharedFleetTask = {
    workspaces: 200,
    rounds: short ? 3 : 7,
    milliseconds: short ? 600 : 2_000,
  };
  const answer = await child.ask<SharedFleetAnswer>(task);
  await child.stop();
  const rounds: Rounds = new Map(answer.samples);
  const row = (name: string, kind: "floor" | "ours") => ({
    name,
    kind,
    value: median(samplesOf(rounds, name)),
    ratio: ratioOf(rounds, name, SHARED.files),
  });
  return {
    table: {
      id: "shared-fleet",
      title: "heartbeats as fast as they go, network aside",
      unit: "heartbeats/s",
      against: "without",
      rows: [row(SHARED.files, "floor"), row(SHARED.store, "ours")],
    },
    targets: [
      {
        what: `heartbeats a second of ${SHARED.store} to ${SHARED.files}`,
        measured: ratioOf(rounds, SHARED.store, SHARED.files),
        bound: "at least",
        limit: 0.95,
        unit: "×",
      },
      {
        what: "statements of the database for a thousand heartbeats, but for those of the lease",
        measured: (answer.statements / answer.heartbeats) * 1_000,
        bound: "at most",
        limit: 1,
        unit: "",
      },
    ],
  };
}
