import { Agent } from "undici";
import { serveTasks } from "../children.ts";
import { startFleet } from "../fleet.ts";
import { bareHeartbeat } from "../heartbeat.ts";
import { quantile } from "../stats.ts";
import { measureThroughput, sleep, type Throughput } from "../throughput.ts";

/** A fleet that has all the time it needs. */
export interface IdleTask {
  readonly by: "ours" | "bare";
  readonly url: string;
  readonly workspaces: number;
  readonly intervalMs: number;
  /** Before anything counts: all of them have registered and sent their first heartbeats. */
  readonly warmUpMs: number;
  readonly milliseconds: number;
  readonly configsDir: string;
}

export interface IdleAnswer extends Throughput {
  /** Milliseconds after the time a step was due, of 99 in 100 at most. */
  readonly schedulingLag99: number;
  readonly heapBytesPerWorkspace: number;
  readonly residentBytesPerWorkspace: number;
}

function memory(): { heap: number; resident: number } {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}

async function ours(task: IdleTask): Promise<IdleAnswer> {
  const { workspaces, warmUpMs, milliseconds } = task;
  const before = memory();
  const fleet = await startFleet({ ...task, count: workspaces });
  await sleep(warmUpMs);
  fleet.takeSchedulingLag();
  const throughput = await measureThroughput(fleet.requests, () => sleep(milliseconds));
  const schedulingLag99 = quantile(fleet.takeSchedulingLag(), 0.99);
  if (fleet.failures() > 0) throw new Error(`${fleet.failures()} requests failed.`);
  const after = memory();
  await fleet.stop();
  return {
    ...throughput,
    schedulingLag99,
    heapBytesPerWorkspace: (after.heap - before.heap) / workspaces,
    residentBytesPerWorkspace: (after.resident - before.resident) / workspaces,
  };
}

/** As many heartbeats a second, one after another. */
async function bare({ url, workspaces, intervalMs, warmUpMs, milliseconds }: IdleTask): Promise<Throughput> {
  const client = new Agent({ connections: 64, pipelining: 1 });
  const gapMs = intervalMs / workspaces;
  const startedAt = performance.now();
  let requests = 0;
  let going = true;
  let inFlight = 0;
  const send = async (turn: number) => {
    inFlight += 1;
    const sent = await bareHeartbeat(client, url, turn % workspaces, Math.floor(turn / workspaces));
    requests += sent;
    inFlight -= 1;
  };
  const pacing = (async () => {
    for (let turn = 0; going; turn += 1) {
      void send(turn);
      const wait = startedAt + (turn + 1) * gapMs - performance.now();
      if (wait > 0) await sleep(wait);
    }
  })();
  await sleep(warmUpMs);
  const throughput = await measureThroughput(
    () => requests,
    () => sleep(milliseconds),
  );
  going = false;
  await pacing;
  while (inFlight > 0) await sleep(10);
  await client.close();
  return throughput;
}

serveTasks((task: IdleTask) => (task.by === "ours" ? ours(task) : bare(task)));
