import type { IdleAnswer, IdleTask } from "../children/idle.ts";
import { startChild } from "../children.ts";
import type { Effort, Part, Target } from "../results.ts";
import { atMost, floor as floorOf, ours as ofOurs, table } from "../tables.ts";
import { type Throughput, totalOf } from "../throughput.ts";

/** Many workspaces at the default interval, concurrently with a bare client sending the same load. */
export async function idle(url: string, configsDir: string, { short }: Effort): Promise<Part> {
  const load = short
    ? { workspaces: 1_000, intervalMs: 4_000, warmUpMs: 4_500 }
    : { workspaces: 10_000, intervalMs: 30_000, warmUpMs: 33_000 };
  const milliseconds = short ? 6_000 : 40_000;
  const start = { ...load, url, configsDir, phase: "start", hasInbox: false } as const;
  const children = await Promise.all([
    startChild("idle", ["--expose-gc"]),
    startChild("idle", ["--expose-gc"]),
    startChild("idle"),
  ]);
  const [ours, inboxes, bare] = children;
  await Promise.all([
    ours.ask<null>({ ...start, by: "ours" } satisfies IdleTask),
    inboxes.ask<null>({ ...start, by: "ours", hasInbox: true } satisfies IdleTask),
    bare.ask<null>({ ...start, by: "bare" } satisfies IdleTask),
  ]);
  const task: IdleTask = { phase: "measure", milliseconds };
  const [fleet, withInboxes, floor] = await Promise.all([
    ours.ask<IdleAnswer>(task),
    inboxes.ask<IdleAnswer>(task),
    bare.ask<Throughput>(task),
  ]);
  await Promise.all(children.map((child) => child.stop()));
  const count = `${load.workspaces.toLocaleString("en-US")} workspaces at ${load.intervalMs / 1000} s`;
  const cpuRatio = cpuOfHeartbeat(fleet) / cpuOfHeartbeat(floor);
  const inboxRatio = cpuOfHeartbeat(withInboxes) / cpuOfHeartbeat(fleet);
  const cpu = [
    ofOurs("the runner's fleet", cpuOfHeartbeat(fleet), cpuRatio),
    ofOurs(
      "the runner's fleet, with as many inboxes at the same interval",
      cpuOfHeartbeat(withInboxes),
      cpuOfHeartbeat(withInboxes) / cpuOfHeartbeat(floor),
    ),
    floorOf("bare undici, the same requests at the same rate", cpuOfHeartbeat(floor)),
  ];
  const memory = [
    ofOurs("heap and buffers, after a collection", fleet.heapBytesPerWorkspace / 1024),
    ofOurs("the same, with an inbox each", withInboxes.heapBytesPerWorkspace / 1024),
    ofOurs("resident set, with what is yet to be collected", fleet.residentBytesPerWorkspace / 1024),
  ];
  const lag = fleet.schedulingLag.p99;
  return {
    tables: [
      { ...table("idle", `${count}: CPU time of one heartbeat`, "µs", cpu), against: "bare" },
      table("scheduling-lag", `${count}: scheduling lag`, "ms", [ofOurs("99 in 100 steps, at most", lag)]),
      table("memory", `${count}: memory of each`, "KB", memory),
    ],
    targets: [
      atMost(`${count}: scheduling lag, 99th percentile`, lag, 1_000, "ms"),
      // With so few, the connections dominate the memory.
      ...(short ? [] : memoryTargets(count, fleet, withInboxes)),
      atMost(`${count}: CPU time of a heartbeat to the bare client's`, cpuRatio, 1.5),
      atMost(`${count}: CPU time with inboxes to the same without`, inboxRatio, 1.6),
    ],
  };
}

const memoryTargets = (count: string, fleet: IdleAnswer, withInboxes: IdleAnswer): Target[] => [
  atMost(`${count}: memory of a workspace`, fleet.heapBytesPerWorkspace / 1024, 4.5, "KB"),
  atMost(`${count}: memory of a workspace with an inbox`, withInboxes.heapBytesPerWorkspace / 1024, 6, "KB"),
];

/** Including the accompanying requests, the same for both. */
const cpuOfHeartbeat = ({ cpuMicroseconds, mix }: Throughput): number =>
  (cpuMicroseconds * totalOf(mix)) / mix.heartbeats;
