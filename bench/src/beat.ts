import type { Dispatcher } from "undici";

/** How many beats of a workspace bring one look at what the platform takes it for. */
const LOOK_EVERY = 10;

export const idOf = (index: number): string => `agent-${index}`;
export const tokenOf = (index: number): string => `token-${String(index).padStart(37, "0")}`;

/** With the looks that the runner takes after a beat: at delegations each time, at the workspace each tenth time. */
export const REQUESTS_PER_BEAT = 2 + 1 / LOOK_EVERY;

/**
 * What one beat of the runner puts on the wire, and reads: the same requests with the same headers, sent by the bare
 * client.
 *
 * @returns how many requests that was
 */
export async function bareBeat(
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
    body: JSON.stringify(beatOf(index)),
  });
  await body.json();
  const looks = turn % LOOK_EVERY === 0;
  if (looks) await get(`/workspaces/${idOf(index)}`);
  await get(`/workspaces/${idOf(index)}/delegations`);
  return looks ? 3 : 2;
}

function beatOf(index: number) {
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

/** The same ten beats and one look, as a list to be sent over and over. */
export function requestsOfTenBeats(url: string) {
  const headers = { origin: url, authorization: `Bearer ${tokenOf(0)}` };
  const post = {
    method: "POST" as const,
    path: "/registry/heartbeat",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(beatOf(0)),
  };
  const get = (path: string) => ({ method: "GET" as const, path, headers });
  const beat = [post, get(`/workspaces/${idOf(0)}/delegations`)];
  return [...Array.from({ length: LOOK_EVERY }, () => beat).flat(), get(`/workspaces/${idOf(0)}`)];
}
