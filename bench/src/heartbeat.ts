import { userAgent } from "../../apps/heartbeat/src/version.ts";
import type { Send } from "./bare-clients.ts";

/** The interval of a workspace's status requests. Delegations are fetched with each heartbeat. */
const STATUS_EVERY_MS = 300_000;

/** A UUID, as the platform requires. */
export const idOf = (index: number): string =>
  `00000000-0000-4000-8000-${index.toString(16).padStart(12, "0")}`;
export const tokenOf = (index: number): string => `token-${String(index).padStart(37, "0")}`;
const USER_AGENT = userAgent;

/** So many workspaces of a list, each with its token. */
export const workspacesAt = (platformUrl: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: idOf(index),
    token: tokenOf(index),
    platformUrl,
    ownPlatform: false,
    isListed: true,
  }));

/** What every measured fleet has in common. */
export const FLEET_OPTIONS = {
  cardOf: (name: string) => ({ name }),
  env: {},
  userAgent: USER_AGENT,
  random: Math.random,
  onAuthEvent() {},
};

/** The number of requests of each kind. */
export interface Mix {
  heartbeats: number;
  delegations: number;
  others: number;
}

/** A heartbeat includes a request for the delegations. */
export const REQUESTS_PER_HEARTBEAT = 2;

export const nothingSent = (): Mix => ({ heartbeats: 0, delegations: 0, others: 0 });

/** The status is fetched with every n-th heartbeat of a workspace, starting with the first. */
const statusEvery = (intervalMs: number): number => Math.max(1, Math.round(STATUS_EVERY_MS / intervalMs));

/** A heartbeat to send, with its accompanying requests. */
export interface BareHeartbeat {
  readonly url: string;
  readonly index: number;
  /** The number of earlier heartbeats of this workspace. */
  readonly turn: number;
  readonly intervalMs: number;
  /** The number of accompanying delegation requests. */
  readonly delegations: number;
  /** Counts the answers. */
  readonly answered: Mix;
}

/** What the runner writes and reads: the same requests with the same headers, from a bare client. */
export async function bareHeartbeat(
  send: Send,
  { url, index, turn, intervalMs, delegations, answered }: BareHeartbeat,
): Promise<void> {
  const headers = headersOf(url, index);
  const get = (path: string) => send({ path, method: "GET", headers });
  await send({
    path: "/registry/heartbeat",
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: heartbeatBody(index),
  });
  answered.heartbeats += 1;
  if (turn % statusEvery(intervalMs) === 0) {
    await get(`/workspaces/${idOf(index)}`);
    await get(`/workspaces/${idOf(index)}/state`);
    answered.others += 2;
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

/** With the full report of a healthy workspace. */
export function heartbeatBody(index: number): string {
  return JSON.stringify({
    schema_version: 1,
    workspace_id: idOf(index),
    error_rate: 0,
    sample_error: "",
    active_tasks: 0,
    is_busy: false,
    uptime_seconds: 60,
    current_task: "",
    monthly_spend: 0,
    runtime_state: "",
    runtime_metadata: {},
  });
}

/** The same requests as a list to repeat, at an interval at which the status is hardly ever fetched. */
export function requestsOfOneHeartbeat(url: string) {
  const headers = headersOf(url, 0);
  return [
    {
      method: "POST" as const,
      path: "/registry/heartbeat",
      headers: { ...headers, "Content-Type": "application/json" },
      body: heartbeatBody(0),
    },
    { method: "GET" as const, path: `/workspaces/${idOf(0)}/delegations`, headers },
  ];
}
