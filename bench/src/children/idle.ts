import { Agent } from "undici";
import { byRequest } from "../bare-clients.ts";
import { serveTasks } from "../children.ts";
import { startFleet } from "../fleet.ts";
import { bareHeartbeat, nothingSent } from "../heartbeat.ts";
import { quantile } from "../stats.ts";
import { measureThroughput, sleep, type Throughput } from "../throughput.ts";

/** A fleet at its normal interval: started first, then measured. */
export type IdleTask = StartTask | MeasureTask;

interface StartTask {
  readonly phase: "start";
  readonly by: "ours" | "bare";
  readonly url: string;
  readonly workspaces: number;
  readonly intervalMs: number;
  readonly configsDir: string;
  /** This process's. */
  readonly hasInbox: boolean;
  /** The minimum warm-up time; it also lasts until all have registered and fetched everything once. */
  readonly warmUpMs: number;
  /** From when all have started until the measurement. @default the interval */
  readonly settleMs?: number;
}

interface MeasureTask {
  readonly phase: "measure";
  readonly milliseconds: number;
}

export interface IdleAnswer extends Throughput {
  /** Scheduling lag in milliseconds: 99th and 99.9th percentile, and maximum. */
  readonly schedulingLag: { readonly p99: number; readonly p999: number; readonly longest: number };
  readonly milliseconds: number;
  readonly heapBytesPerWorkspace: number;
  readonly residentBytesPerWorkspace: number;
}

type Measure = (milliseconds: number) => Promise<IdleAnswer | Throughput>;

function memory(): { heap: number; resident: number } {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}

async function startOurs(task: StartTask): Promise<Measure> {
  const { workspaces, warmUpMs } = task;
  const before = memory();
  const fleet = await startFleet({ ...task, count: workspaces });
  await sleep(warmUpMs);
  while (fleet.starting() > 0) await sleep(100);
  // Requests that were deferred at the start have settled at their phase of the interval.
  await sleep(task.settleMs ?? task.intervalMs);
  return async (milliseconds) => {
    fleet.takeSchedulingLag();
    const throughput = await measureThroughput(fleet.sent, () => sleep(milliseconds));
    const lag = fleet.takeSchedulingLag();
    const schedulingLag = { p99: quantile(lag, 0.99), p999: quantile(lag, 0.999), longest: quantile(lag, 1) };
    if (fleet.failures() > 0) throw new Error(`${fleet.failures()} requests failed.`);
    const after = memory();
    await fleet.stop();
    return {
      ...throughput,
      schedulingLag,
      milliseconds,
      heapBytesPerWorkspace: (after.heap - before.heap) / workspaces,
      residentBytesPerWorkspace: (after.resident - before.resident) / workspaces,
    };
  };
}

/** The same number of heartbeats per second, sequentially. */
async function startBare({ url, workspaces, intervalMs, warmUpMs }: StartTask): Promise<Measure> {
  const client = new Agent({ connections: 64, pipelining: 1 });
  const request = byRequest(client, url);
  const gapMs = intervalMs / workspaces;
  const startedAt = performance.now();
  const answered = nothingSent();
  let going = true;
  let inFlight = 0;
  const send = async (turn: number) => {
    inFlight += 1;
    const index = turn % workspaces;
    const ofIts = Math.floor(turn / workspaces);
    await bareHeartbeat(request, { url, index, turn: ofIts, intervalMs, delegations: 1, answered });
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
  while (answered.delegations < workspaces) await sleep(100);
  return async (milliseconds) => {
    const throughput = await measureThroughput(answered, () => sleep(milliseconds));
    going = false;
    await pacing;
    while (inFlight > 0) await sleep(10);
    await client.close();
    return throughput;
  };
}

let measure: Measure | null = null;

serveTasks(async (task: IdleTask) => {
  if (task.phase === "measure") return measure?.(task.milliseconds);
  measure = await (task.by === "ours" ? startOurs(task) : startBare(task));
  return null;
});
