import type { IdleAnswer, IdleTask } from "../children/idle.ts";
import { startChild } from "../children.ts";
import type { Effort, Table, Target } from "../results.ts";
import { type Throughput, totalOf } from "../throughput.ts";

/** Many workspaces at their ordinary interval, beside the bare client sending as much, at the same time. */
export async function idle(
  url: string,
  configsDir: string,
  { short }: Effort,
): Promise<{ tables: Table[]; targets: Target[] }> {
  const load = short
    ? { workspaces: 1_000, intervalMs: 4_000, warmUpMs: 4_500 }
    : { workspaces: 10_000, intervalMs: 30_000, warmUpMs: 33_000 };
  const milliseconds = short ? 6_000 : 40_000;
  const start = { ...load, url, configsDir, phase: "start" } as const;
  const [ours, bare] = await Promise.all([startChild("idle", ["--expose-gc"]), startChild("idle")]);
  await Promise.all([
    ours.ask<null>({ ...start, by: "ours" } satisfies IdleTask),
    bare.ask<null>({ ...start, by: "bare" } satisfies IdleTask),
  ]);
  const task: IdleTask = { phase: "measure", milliseconds };
  const [fleet, floor] = await Promise.all([ours.ask<IdleAnswer>(task), bare.ask<Throughput>(task)]);
  await Promise.all([ours.stop(), bare.stop()]);
  const count = `${load.workspaces.toLocaleString("en-US")} workspaces at ${load.intervalMs / 1000} s`;
  const cpuRatio = cpuOfHeartbeat(fleet) / cpuOfHeartbeat(floor);
  const ofOurs = (name: string, value: number, ratio: number | null = null) =>
    ({ name, kind: "ours", value, ratio }) as const;
  return {
    tables: [
      {
        id: "idle",
        title: `${count}: CPU time of one heartbeat`,
        unit: "µs",
        against: "bare",
        rows: [
          ofOurs("the runner's fleet", cpuOfHeartbeat(fleet), cpuRatio),
          {
            name: "bare undici, the same requests at the same rate",
            kind: "floor",
            value: cpuOfHeartbeat(floor),
            ratio: 1,
          },
        ],
      },
      {
        id: "scheduling-lag",
        title: `${count}: scheduling lag`,
        unit: "ms",
        against: null,
        rows: [ofOurs("99 in 100 steps, at most", fleet.schedulingLag99)],
      },
      {
        id: "memory",
        title: `${count}: memory of each`,
        unit: "KB",
        against: null,
        rows: [
          ofOurs("heap and buffers, after a collection", fleet.heapBytesPerWorkspace / 1024),
          ofOurs("resident set, with what is yet to be collected", fleet.residentBytesPerWorkspace / 1024),
        ],
      },
    ],
    targets: [
      atMost(`${count}: scheduling lag, 99th percentile`, fleet.schedulingLag99, 1_000, "ms"),
      atMost(`${count}: memory of a workspace`, fleet.heapBytesPerWorkspace / 1024, 8, "KB"),
      atMost(`${count}: CPU time of a heartbeat to the bare client's`, cpuRatio, 1.5, "×"),
    ],
  };
}

/** With all that was sent beside it: of both the same. */
const cpuOfHeartbeat = ({ cpuMicroseconds, mix }: Throughput): number =>
  (cpuMicroseconds * totalOf(mix)) / mix.heartbeats;

function atMost(what: string, measured: number, limit: number, unit: string): Target {
  return { what, measured, bound: "at most", limit, unit };
}
