import autocannon from "autocannon";
import { Agent } from "undici";
import { bareBeat, requestsOfTenBeats } from "../beat.ts";
import { serveTasks } from "../children.ts";
import { type Pace, paceOf, sleep } from "../counted.ts";
import { startFleet } from "../fleet.ts";

/** Beats as fast as it can be done, over as many connections as the runner opens. */
export interface LoadTask {
  readonly by: "ours" | "bare" | "autocannon";
  readonly url: string;
  readonly milliseconds: number;
  readonly configsDir: string;
}

const CONNECTIONS = 64;
/** Due again sooner than they can be served: there is always one that waits, and no connection that does. */
const WORKSPACES = 2 * CONNECTIONS;
const INTERVAL_MS = 4;

async function ours({ url, milliseconds, configsDir }: LoadTask): Promise<Pace> {
  const fleet = await startFleet({ url, count: WORKSPACES, intervalMs: INTERVAL_MS, configsDir });
  while (fleet.beats() < 10 * WORKSPACES) await sleep(10);
  const pace = await paceOf(fleet.requests, () => sleep(milliseconds));
  if (fleet.failures() > 0) throw new Error(`${fleet.failures()} requests failed.`);
  await fleet.stop();
  return pace;
}

async function bare({ url, milliseconds }: LoadTask): Promise<Pace> {
  const client = new Agent({ connections: CONNECTIONS, pipelining: 1 });
  let requests = 0;
  let going = true;
  const loops = Array.from({ length: CONNECTIONS }, async (_, index) => {
    for (let turn = 0; going; turn += 1) {
      const sent = await bareBeat(client, url, index, turn);
      requests += sent;
    }
  });
  await sleep(200);
  const pace = await paceOf(
    () => requests,
    () => sleep(milliseconds),
  );
  going = false;
  await Promise.all(loops);
  await client.close();
  return pace;
}

async function limit({ url, milliseconds }: LoadTask): Promise<Pace> {
  let requests = 0;
  return paceOf(
    () => requests,
    () =>
      new Promise<void>((resolve, reject) => {
        const run = autocannon(
          { url, connections: CONNECTIONS, duration: milliseconds / 1000, requests: requestsOfTenBeats(url) },
          (error) => (error ? reject(error) : resolve()),
        );
        run.on("response", () => {
          requests += 1;
        });
      }),
  );
}

const CONTENDERS = { ours, bare, autocannon: limit };

serveTasks((task: LoadTask) => CONTENDERS[task.by](task));
