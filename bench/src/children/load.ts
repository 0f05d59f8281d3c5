import autocannon from "autocannon";
import { Agent } from "undici";
import { serveTasks } from "../children.ts";
import { startFleet } from "../fleet.ts";
import { bareHeartbeat, requestsOfTenHeartbeats } from "../heartbeat.ts";
import { measureThroughput, sleep, type Throughput } from "../throughput.ts";

/** Heartbeats as fast as it can be done, over as many connections as the runner opens. */
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

async function ours({ url, milliseconds, configsDir }: LoadTask): Promise<Throughput> {
  const fleet = await startFleet({ url, count: WORKSPACES, intervalMs: INTERVAL_MS, configsDir });
  while (fleet.heartbeats() < 10 * WORKSPACES) await sleep(10);
  const throughput = await measureThroughput(fleet.requests, () => sleep(milliseconds));
  if (fleet.failures() > 0) throw new Error(`${fleet.failures()} requests failed.`);
  await fleet.stop();
  return throughput;
}

async function bare({ url, milliseconds }: LoadTask): Promise<Throughput> {
  const client = new Agent({ connections: CONNECTIONS, pipelining: 1 });
  let requests = 0;
  let going = true;
  const loops = Array.from({ length: CONNECTIONS }, async (_, index) => {
    for (let turn = 0; going; turn += 1) {
      const sent = await bareHeartbeat(client, url, index, turn);
      requests += sent;
    }
  });
  await sleep(200);
  const throughput = await measureThroughput(
    () => requests,
    () => sleep(milliseconds),
  );
  going = false;
  await Promise.all(loops);
  await client.close();
  return throughput;
}

async function limit({ url, milliseconds }: LoadTask): Promise<Throughput> {
  let requests = 0;
  return measureThroughput(
    () => requests,
    () =>
      new Promise<void>((resolve, reject) => {
        const run = autocannon(
          {
            url,
            connections: CONNECTIONS,
            duration: milliseconds / 1000,
            requests: requestsOfTenHeartbeats(url),
          },
          (error) => (error ? reject(error) : resolve()),
        );
        run.on("response", () => {
          requests += 1;
        });
      }),
  );
}

const CLIENTS = { ours, bare, autocannon: limit };

serveTasks((task: LoadTask) => CLIENTS[task.by](task));
