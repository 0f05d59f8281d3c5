import autocannon from "autocannon";
import { Agent } from "undici";
import { byDispatch, byRequest } from "../bare-clients.ts";
import { serveTasks } from "../children.ts";
import { startFleet } from "../fleet.ts";
import { bareHeartbeat, nothingSent, requestsOfOneHeartbeat } from "../heartbeat.ts";
import { measureThroughput, sleep, type Throughput } from "../throughput.ts";

/** Heartbeats at full speed, over as many connections as the runner opens. */
export interface LoadTask {
  readonly by: "ours" | "bare" | "dispatch" | "autocannon";
  /** The number of delegation requests that the bare clients send with a heartbeat. */
  readonly delegationsPerHeartbeat: number;
  readonly url: string;
  readonly milliseconds: number;
  readonly configsDir: string;
}

const CONNECTIONS = 64;
/** With an interval shorter than the service time: workspaces wait for connections, never the reverse. */
const WORKSPACES = 4 * CONNECTIONS;
const INTERVAL_MS = 4;
/** The runner opens its connections a few at a time. */
const WARM_UP_MS = 2_000;

async function ours({ url, milliseconds, configsDir }: LoadTask): Promise<Throughput> {
  const fleet = await startFleet({ url, count: WORKSPACES, intervalMs: INTERVAL_MS, configsDir });
  await sleep(WARM_UP_MS);
  // All have registered and fetched their results.
  while (Math.min(fleet.heartbeats(), fleet.sent.delegations) < 10 * WORKSPACES) await sleep(10);
  const throughput = await measureThroughput(fleet.sent, () => sleep(milliseconds));
  if (fleet.failures() > 0) throw new Error(`${fleet.failures()} requests failed.`);
  await fleet.stop();
  return throughput;
}

const loop =
  (sendBy: typeof byRequest) =>
  async (task: LoadTask): Promise<Throughput> => {
    const { url, milliseconds, delegationsPerHeartbeat } = task;
    const client = new Agent({ connections: CONNECTIONS, pipelining: 1 });
    const send = sendBy(client, url);
    const answered = nothingSent();
    let going = true;
    const loops = Array.from({ length: CONNECTIONS }, async (_, index) => {
      let due = 0;
      for (let turn = 0; going; turn += 1) {
        due += delegationsPerHeartbeat;
        const delegations = Math.floor(due);
        due -= delegations;
        await bareHeartbeat(send, { url, index, turn, intervalMs: INTERVAL_MS, delegations, answered });
      }
    });
    await sleep(WARM_UP_MS);
    const throughput = await measureThroughput(answered, () => sleep(milliseconds));
    going = false;
    await Promise.all(loops);
    await client.close();
    return throughput;
  };

async function limit({ url, milliseconds }: LoadTask): Promise<Throughput> {
  const answered = nothingSent();
  return measureThroughput(
    answered,
    () =>
      new Promise<void>((resolve, reject) => {
        const run = autocannon(
          {
            url,
            connections: CONNECTIONS,
            duration: milliseconds / 1000,
            requests: requestsOfOneHeartbeat(url),
          },
          (error) => (error ? reject(error) : resolve()),
        );
        run.on("response", () => {
          answered.heartbeats += 0.5;
          answered.delegations += 0.5;
        });
      }),
  );
}

const CLIENTS = { ours, bare: loop(byRequest), dispatch: loop(byDispatch), autocannon: limit };

serveTasks((task: LoadTask) => CLIENTS[task.by](task));
