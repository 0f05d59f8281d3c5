import type { GrowthAnswer, GrowthTask } from "../children/growth.ts";
import { startChild } from "../children.ts";
import type { Effort, Row, Table, Target } from "../results.ts";

const nameOf = (workspaces: number) => `${workspaces.toLocaleString("en-US")} workspaces`;

/** The runner's own cost of a heartbeat, and the memory of a workspace, by the number of workspaces. */
export async function growth({ short }: Effort): Promise<{ tables: Table[]; targets: Target[] }> {
  const sizes = short ? [10, 1_000, 10_000] : [10, 1_000, 10_000, 100_000];
  const heartbeats = short ? 20_000 : 100_000;
  const cpu: Row[] = [];
  const memory: Row[] = [];
  const targets: Target[] = [];
  const atMost = (what: string, measured: number, limit: number, unit: string) =>
    targets.push({ what, measured, bound: "at most", limit, unit });
  for (const workspaces of sizes) {
    const answer = await measure({ workspaces, hasInbox: false, heartbeats });
    const ratio = answer.cpuMicrosecondsPerHeartbeat / answer.floorMicroseconds;
    const name = nameOf(workspaces);
    cpu.push({ name, kind: "ours", value: answer.cpuMicrosecondsPerHeartbeat, ratio });
    atMost(`CPU time of a heartbeat, network aside, to its floor: ${name}`, ratio, 3, "×");
    if (workspaces < 10_000) continue;
    const bytes = answer.heapBytesPerWorkspace;
    memory.push({ name, kind: "ours", value: bytes / 1024, ratio: null });
    atMost(`memory of a workspace, ${name}`, bytes / 1024, 4.5, "KB");
    const more = await measure({ workspaces, hasInbox: true, heartbeats: 0 });
    const withInbox = more.heapBytesPerWorkspace / 1024;
    memory.push({ name: `${name}, with an inbox`, kind: "ours", value: withInbox, ratio: null });
    atMost(`memory of a workspace with an inbox, ${name}`, withInbox, 6, "KB");
  }
  return {
    tables: [
      {
        id: "growth",
        title: "CPU time of one heartbeat, network aside",
        unit: "µs",
        against: "floor",
        rows: cpu,
      },
      {
        id: "growth-memory",
        title: "heap of one workspace, idle",
        unit: "KB",
        against: null,
        rows: memory,
      },
    ],
    targets,
  };
}

async function measure(task: GrowthTask): Promise<GrowthAnswer> {
  const child = await startChild("growth", ["--expose-gc"]);
  const answer = await child.ask<GrowthAnswer>(task);
  await child.stop();
  return answer;
}
