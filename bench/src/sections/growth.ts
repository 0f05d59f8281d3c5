import type { GrowthAnswer, GrowthTask } from "../children/growth.ts";
import { runChild } from "../children.ts";
import type { Effort, Part, Row, Target } from "../results.ts";
import { atMost, ours, table } from "../tables.ts";

const nameOf = (workspaces: number) => `${workspaces.toLocaleString("en-US")} workspaces`;

/** The runner's own cost of a heartbeat, and the memory of a workspace, by the number of workspaces. */
export async function growth({ short }: Effort): Promise<Part> {
  const sizes = short ? [10, 1_000, 10_000] : [10, 1_000, 10_000, 100_000];
  const heartbeats = short ? 20_000 : 100_000;
  const cpu: Row[] = [];
  const memory: Row[] = [];
  const garbage: Row[] = [];
  const targets: Target[] = [];
  for (const workspaces of sizes) {
    const answer = await measure({ workspaces, hasInbox: false, heartbeats });
    const ratio = answer.cpuMicrosecondsPerHeartbeat / answer.floorMicroseconds;
    const name = nameOf(workspaces);
    cpu.push(ours(name, answer.cpuMicrosecondsPerHeartbeat, ratio));
    targets.push(atMost(`CPU time of a heartbeat, network aside, to its floor: ${name}`, ratio, 3));
    if (workspaces < 10_000) continue;
    const old = Math.max(0, answer.oldGarbageBytesPerHeartbeat);
    garbage.push(ours(name, old));
    targets.push(atMost(`old garbage of a heartbeat, ${name}`, old, 30, "bytes"));
    const alone = answer.heapBytesPerWorkspace / 1024;
    memory.push(ours(name, alone));
    targets.push(atMost(`memory of a workspace, ${name}`, alone, 4.5, "KB"));
    const more = await measure({ workspaces, hasInbox: true, heartbeats: 0 });
    const withInbox = more.heapBytesPerWorkspace / 1024;
    memory.push(ours(`${name}, with an inbox`, withInbox));
    targets.push(atMost(`memory of a workspace with an inbox, ${name}`, withInbox, 6, "KB"));
  }
  return {
    tables: [
      { ...table("growth", "CPU time of one heartbeat, network aside", "µs", cpu), against: "floor" },
      table("growth-memory", "heap of one workspace, idle", "KB", memory),
      table("growth-garbage", "what one heartbeat leaves for a full collection", "bytes", garbage),
    ],
    targets,
  };
}

const measure = (task: GrowthTask) => runChild<GrowthAnswer>(task, "growth", ["--expose-gc"]);
