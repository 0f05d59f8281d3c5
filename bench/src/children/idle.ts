import { Agent } from "undici";
import { bareBeat } from "../beat.ts";
import { serveTasks } from "../children.ts";
import { type Pace, paceOf, sleep } from "../counted.ts";
import { startFleet } from "../fleet.ts";
import { quantile } from "../stats.ts";

/** A fleet that has all the time it needs. */
export interface IdleTask {
  readonly by: "ours" | "bare";
  readonly url: string;
  readonly workspaces: number;
  readonly intervalMs: number;
  /** Before anything counts: all of them have registered and sent their first beats. */
  readonly warmUpMs: number;
  readonly milliseconds: number;
  readonly configsDir: string;
}

export interface IdleAnswer extends Pace {
  /** Milliseconds after the time a step was due, of 99 in 100 at most. */
  readonly lateness99: number;
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
  fleet.takeLateness();
  const pace = await paceOf(fleet.requests, () => sleep(milliseconds));
  const lateness99 = quantile(fleet.takeLateness(), 0.99);
  if (fleet.failures() > 0) throw new Error(`${fleet.failures()} requests failed.`);
  const after = memory();
  await fleet.stop();
  return {
    ...pace,
    lateness99,
    heapBytesPerWorkspace: (after.heap - before.heap) / workspaces,
    residentBytesPerWorkspace: (after.resident - before.resident) / workspaces,
  };
}

/** As many beats a second, one after another. */
async function bare({ url, workspaces, intervalMs, warmUpMs, milliseconds }: IdleTask): Promise<Pace> {
  const client = new Agent({ connections: 64, pipelining: 1 });
  const gapMs = intervalMs / workspaces;
  const startedAt = performance.now();
  let requests = 0;
  let going = true;
  let underWay = 0;
  const send = async (beat: number) => {
    underWay += 1;
    const sent = await bareBeat(client, url, beat % workspaces, Math.floor(beat / workspaces));
    requests += sent;
    underWay -= 1;
  };
  const pacing = (async () => {
    for (let beat = 0; going; beat += 1) {
      void send(beat);
      const wait = startedAt + (beat + 1) * gapMs - performance.now();
      if (wait > 0) await sleep(wait);
    }
  })();
  await sleep(warmUpMs);
  const pace = await paceOf(
    () => requests,
    () => sleep(milliseconds),
  );
  going = false;
  await pacing;
  while (underWay > 0) await sleep(10);
  await client.close();
  return pace;
}

serveTasks((task: IdleTask) => (task.by === "ours" ? ours(task) : bare(task)));
