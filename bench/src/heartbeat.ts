import type { Dispatcher } from "undici";

/** Every how many heartbeats of a workspace its status is fetched. */
const STATUS_EVERY = 10;

export const idOf = (index: number): string => `agent-${index}`;
export const tokenOf = (index: number): string => `token-${String(index).padStart(37, "0")}`;

/** With what the runner fetches after a heartbeat: the delegations each time, the status each tenth time. */
export const REQUESTS_PER_HEARTBEAT = 2 + 1 / STATUS_EVERY;

/**
 * What one heartbeat of the runner puts on the wire, and reads: the same requests with the same headers, sent by the bare
 * client.
 *
 * @returns how many requests that was
 */
export async function bareHeartbeat(
  client: Dispatcher,
  url: string,
  index: number,
  turn: number,
): Promise<number> {
  const headers = { Origin: url, Authorization: `Bearer ${tokenOf(index)}` };
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
  const fetchesStatus = turn % STATUS_EVERY === 0;
  if (fetchesStatus) await get(`/workspaces/${idOf(index)}`);
  await get(`/workspaces/${idOf(index)}/delegations`);
  return fetchesStatus ? 3 : 2;
}

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

/** The same ten heartbeats and one status, as a list to be sent over and over. */
export function requestsOfTenHeartbeats(url: string) {
  const headers = { origin: url, authorization: `Bearer ${tokenOf(0)}` };
  const post = {
    method: "POST" as const,
    path: "/registry/heartbeat",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(heartbeatBody(0)),
  };
  const get = (path: string) => ({ method: "GET" as const, path, headers });
  const heartbeat = [post, get(`/workspaces/${idOf(0)}/delegations`)];
  return [...Array.from({ length: STATUS_EVERY }, () => heartbeat).flat(), get(`/workspaces/${idOf(0)}`)];
}
