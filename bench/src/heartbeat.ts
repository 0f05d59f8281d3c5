import type { Dispatcher } from "undici";
import { userAgent } from "../../apps/heartbeat/src/version.ts";

/** How often the runner fetches the status of a workspace. Its delegations it fetches as often as it sends a heartbeat. */
const STATUS_EVERY_MS = 300_000;

export const idOf = (index: number): string => `agent-${index}`;
export const tokenOf = (index: number): string => `token-${String(index).padStart(37, "0")}`;
export const USER_AGENT = userAgent;

/** How many requests of which kind. */
export interface Mix {
  heartbeats: number;
  delegations: number;
  others: number;
}

/** A heartbeat counts with a request for the delegations. */
export const REQUESTS_PER_HEARTBEAT = 2;

export const nothingSent = (): Mix => ({ heartbeats: 0, delegations: 0, others: 0 });

/** Every how many heartbeats of a workspace its status is fetched, from the first one on. */
const statusEvery = (intervalMs: number): number => Math.max(1, Math.round(STATUS_EVERY_MS / intervalMs));

/** A heartbeat that is to be sent, with what belongs to it. */
export interface BareHeartbeat {
  readonly url: string;
  readonly index: number;
  /** How many heartbeats of this workspace went before. */
  readonly turn: number;
  readonly intervalMs: number;
  /** How many requests for the delegations go with it. */
  readonly delegations: number;
  /** Where what was answered is counted. */
  readonly answered: Mix;
}

/** What the runner puts on the wire, and reads: the same requests with the same headers, sent by the bare client. */
export async function bareHeartbeat(
  client: Dispatcher,
  { url, index, turn, intervalMs, delegations, answered }: BareHeartbeat,
): Promise<void> {
  const headers = headersOf(url, index);
  const get = async (path: string) => {
    const { body } = await client.request({ origin: url, path, method: "GET", headers });
    return body.json();
  };
  const { body } = await client.request({
    origin: url,
    path: "/registry/heartbeat",
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(heartbeatBody(index)),
  });
  await body.json();
  answered.heartbeats += 1;
  if (turn % statusEvery(intervalMs) === 0) {
    await get(`/workspaces/${idOf(index)}`);
    answered.others += 1;
  }
  for (let count = 0; count < delegations; count += 1) {
    await get(`/workspaces/${idOf(index)}/delegations`);
    answered.delegations += 1;
  }
}

const headersOf = (url: string, index: number) => ({
  Origin: url,
  Authorization: `Bearer ${tokenOf(index)}`,
  "User-Agent": USER_AGENT,
});

function heartbeatBody(index: number) {
  return {
    workspace_id: idOf(index),
    error_rate: 0,
    sample_error: "",
    active_tasks: 0,
    uptime_seconds: 60,
    current_task: "",
    monthly_spend: 0,
    runtime_state: "",
    runtime_metadata: {},
  };
}

/** The same, as a list to be sent over and over, at an interval at which the status is hardly ever fetched. */
export function requestsOfOneHeartbeat(url: string) {
  const headers = headersOf(url, 0);
  return [
    {
      method: "POST" as const,
      path: "/registry/heartbeat",
      headers: { ...headers, "Content-Type": "application/json" },
      body: JSON.stringify(heartbeatBody(0)),
    },
    { method: "GET" as const, path: `/workspaces/${idOf(0)}/delegations`, headers },
  ];
}
