import { textIn } from "./json.ts";

/** A control's answer: its fields, or the reason for the failure. */
export type Outcome =
  | { readonly ok: true; readonly token: string | null; readonly answer: unknown }
  | { readonly ok: false; readonly reason: string };

/** Rotates a token; the new one is in the answer. */
export const rotate = (id: string) => control(path(id, "rotate"));

/** Revokes every live token of a workspace. */
export const revoke = (id: string) => control(path(id, "revoke"));

/** Removes a workspace for good. */
export const remove = (id: string) => control(path(id, "remove"));

/** Adds a workspace that awaits its agent; its id and its token are in the answer. */
export const add = (name: string) => control("workspaces", { name });

/** Sends a workspace a message, as a person. */
export const send = (id: string, text: string) => control(path(id, "message"), { text });

/** Deletes all workspaces and tokens. */
export const reset = () => control("reset");

/** Starts an outage of a kind, or with this status; null ends it. */
export function outage(kind: string | null): Promise<Outcome> {
  const status = Number(kind);
  if (kind === null || Number.isNaN(status)) return control("outage", { kind });
  return control("outage", { kind: "status", status, ...(status === 429 && { retry_after_seconds: 5 }) });
}

/** Delays every answer. */
export const latency = (ms: number) => control("latency", { ms });

/** Fetches a workspace's last requests or messages. Null without an answer. */
export async function fetchList(id: string, name: "requests" | "messages"): Promise<unknown[] | null> {
  try {
    const response = await fetch(`/emulator/${path(id, name)}`);
    const answer: unknown = await response.json();
    const list: unknown = typeof answer === "object" && answer !== null ? Reflect.get(answer, name) : null;
    return Array.isArray(list) ? list : null;
  } catch {
    return null;
  }
}

const path = (id: string, action: string) => `workspaces/${encodeURIComponent(id)}/${action}`;

async function control(name: string, body: unknown = {}): Promise<Outcome> {
  try {
    const response = await fetch(`/emulator/${name}`, { method: "POST", body: JSON.stringify(body) });
    const answer: unknown = await response.json();
    if (response.ok) return { ok: true, token: textIn(answer, "auth_token"), answer };
    return { ok: false, reason: textIn(answer, "error") ?? `answered ${response.status}` };
  } catch {
    return { ok: false, reason: "The emulator does not answer." };
  }
}
