import type { Emulator } from "@x/emulator";

const ADMIN = "Bearer local-admin";
/** Maximum number of concurrent requests. */
const PARALLEL = 16;

/** A workspace of the run, with its token. */
export interface Member {
  readonly id: string;
  readonly token: string;
}

/** The counted fields of a row of a workspace's feed. */
export interface FeedRow {
  readonly id: string;
  readonly method: string;
  readonly source_id: string | null;
  readonly request_body?: { readonly params?: { readonly message?: SentMessage } };
  readonly response_body?: { readonly result?: string };
}

interface SentMessage {
  readonly messageId: string;
  readonly parts: readonly { readonly text: string }[];
  readonly metadata?: { readonly in_reply_to?: string };
}

/** Number of siblings, which may all write to each other. */
export async function createSiblings(emulator: Emulator, count: number): Promise<Member[]> {
  const created = await request<Created>(emulator, "/workspaces", { body: workspace("parent") });
  const members: Member[] = [];
  await inParallel(count, async (index) => {
    const { id, connection } = await request<Created>(emulator, "/workspaces", {
      body: { ...workspace(`member-${index}`), parent_id: created.id },
    });
    members.push({ id, token: connection.auth_token });
  });
  return members;
}

interface Created {
  readonly id: string;
  readonly connection: { readonly auth_token: string };
}

const workspace = (name: string) => ({ name, external: true, runtime: "external", delivery_mode: "poll" });

/** A message from a user (`from` is `null`) or a workspace. */
export async function sendMessage(
  emulator: Emulator,
  { to, from, text }: { readonly to: string; readonly from: Member | null; readonly text: string },
): Promise<void> {
  const message = { role: "user", messageId: text, parts: [{ kind: "text", text }] };
  const body = { jsonrpc: "2.0", id: text, method: "message/send", params: { message } };
  const sender = from && { authorization: `Bearer ${from.token}`, "x-workspace-id": from.id };
  await request(emulator, `/workspaces/${to}/a2a`, { body, ...(sender && { headers: sender }) });
}

/** All that a workspace has received and sent, oldest first. */
export async function feedOf(emulator: Emulator, { id, token }: Member): Promise<FeedRow[]> {
  const headers = { authorization: `Bearer ${token}` };
  const path = `/workspaces/${id}/activity?type=a2a_receive&limit=500`;
  const rows = (await request<FeedRow[]>(emulator, path, { headers })).reverse();
  if (rows.length === 500)
    throw new Error("a feed is longer than a page: send fewer messages to each workspace");
  return rows;
}

/** @param work does not reject */
export async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

async function request<T>(
  { url }: Emulator,
  path: string,
  { body, headers }: { readonly body?: object; readonly headers?: Record<string, string> },
): Promise<T> {
  const response = await fetch(url + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: ADMIN, origin: url, "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  // The emulator's own tests ensure that its answers have this type.
  return (await response.json()) as T;
}
