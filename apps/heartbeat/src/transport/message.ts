import { randomUUID } from "node:crypto";
import { isSuccess, type Outcome, type Reply } from "./reply.ts";
import type { SignedClient } from "./signed-client.ts";

/**
 * What became of a message to an agent: it has it, it will fetch it (202), or it does not have it.
 * `safeToRepeat: false`: it may have it after all, and would get it twice.
 */
export type Delivery =
  | { readonly kind: "delivered" }
  | { readonly kind: "queued" }
  | { readonly kind: "failed"; readonly why: string; readonly safeToRepeat: boolean };

/** Failures before there was a connection: nothing was sent. */
const NOT_CONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/** Sends text to an agent, as the runtime of the workspace `from`. */
export async function sendMessage(
  client: SignedClient,
  { from, to, text, signal }: { from: string; to: string; text: string; signal?: AbortSignal | undefined },
): Promise<Delivery> {
  const message = { role: "user", messageId: randomUUID(), parts: [{ kind: "text", text }] };
  const json = { jsonrpc: "2.0", id: randomUUID(), method: "message/send", params: { message } };
  const path = `workspaces/${to}/a2a`;
  const { outcome, reply } = await client.send({ method: "POST", path, json, sourceId: from, signal });
  return deliveryOf(outcome, reply);
}

export function deliveryOf(outcome: Outcome, reply: Reply): Delivery {
  const { status, body } = reply;
  // Also when the agent's answer is of no use: it has the message.
  if (outcome.kind === "accepted" || isSuccess(reply)) {
    return { kind: status === 202 || body.queued === true ? "queued" : "delivered" };
  }
  // Without an answer it may have arrived; a busy agent may have taken it, a restarting one has not.
  const safeToRepeat =
    outcome.kind !== "unavailable" ||
    status === 429 ||
    body.restarting === true ||
    NOT_CONNECTED.has(reply.failure ?? "");
  return { kind: "failed", why: outcome.why, safeToRepeat };
}
