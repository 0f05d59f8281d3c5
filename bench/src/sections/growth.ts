import type { GrowthAnswer, GrowthTask } from "../children/growth.ts";
import { startChild } from "../children.ts";
import { digits } from "../format.ts";
import type { Effort, Row, Table } from "../results.ts";

/** What a heartbeat costs the runner itself, by how many workspaces it keeps. */
export async function growth({ short }: Effort): Promise<Table> {
  const sizes = short ? [10, 1_000] : [10, 100, 1_000, 10_000, 100_000];
  const rows: Row[] = [];
  for (const workspaces of sizes) {
    const child = await startChild("growth", ["--expose-gc"]);
    const task: GrowthTask = { workspaces, heartbeats: short ? 5_000 : 100_000 };
    const { cpuMicrosecondsPerHeartbeat, heapBytesPerWorkspace } = await child.ask<GrowthAnswer>(task);
    await child.stop();
    const first = rows[0]?.value ?? cpuMicrosecondsPerHeartbeat;
    rows.push({
      name: `${workspaces.toLocaleString("en-US")} workspaces`,
      kind: "ours",
      value: cpuMicrosecondsPerHeartbeat,
      ratio: cpuMicrosecondsPerHeartbeat / first,
      detail: `${digits(heapBytesPerWorkspace / 1024)} KB each`,
    });
  }
  return { id: "growth", title: "CPU time of one heartbeat, network aside", unit: "µs", against: "10", rows };
}
