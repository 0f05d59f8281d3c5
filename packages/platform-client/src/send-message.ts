import { isAuthError, validateWorkspaceId } from "@x/auth-core";
import { failed } from "./answered.ts";
import { messageBody } from "./bodies.ts";
import { call } from "./call.ts";
import { notSent } from "./classify.ts";
import type { MessageOutcome } from "./classify-message.ts";
import { messageEndpoint, STATE } from "./endpoints.ts";
import type { JsonObject } from "./json.ts";
import type { Sender } from "./platform.ts";
import { randomId } from "./random-id.ts";
import { ask, type RequestOptions } from "./request.ts";
import type { PlatformResult } from "./result.ts";

/** A message to another workspace: text, or parts. */
export interface MessageRequest extends RequestOptions {
  /** The receiving workspace's id. */
  readonly to: string;
  readonly text?: string;
  /** A2A parts, such as `{ kind: "text", text: "…" }`. Sent before `text`. @default [] */
  readonly parts?: readonly JsonObject[];
  /** Messages with the same id count as one: set it if you may have to resend. @default a random UUID */
  readonly messageId?: string;
  /** Such as `{ in_reply_to: messageId }`. */
  readonly metadata?: JsonObject;
}

/** Sends a message signed as the workspace's own runtime. */
export async function sendMessage(
  sender: Sender,
  request: MessageRequest,
): Promise<PlatformResult<MessageOutcome>> {
  const { to, text, parts = [], messageId = randomId(), metadata } = request;
  let receiver: string;
  try {
    receiver = validateWorkspaceId(to);
  } catch (error) {
    if (!isAuthError(error)) throw error;
    return failed(notSent("invalid", error.code, "the receiver's id is not a workspace id"));
  }
  const all = text === undefined ? parts : [...parts, { kind: "text", text }];
  const body = messageBody({ messageId, parts: all, metadata });
  const path = `workspaces/${receiver}/a2a`;
  const send = () => call(sender, messageEndpoint(messageId), ask(path, body), request);

  const first = await send();
  if (first.ok || first.failure.kind !== "unauthorized") return first;
  // Only the platform can say whose 401 it is: the receiver's must not make this workspace drop a valid token.
  let isRecovered = false;
  const { onTokenRecovered = sender.platform.onTokenRecovered } = sender;
  const witness: Sender = {
    ...sender,
    onTokenRecovered(event) {
      isRecovered = true;
      return onTokenRecovered?.(event);
    },
  };
  const state = await call(witness, STATE, ask(`workspaces/${sender.workspaceId}/state`), request);
  if (isRecovered) return send();
  if (!state.ok) return first;
  const { failure } = first;
  return failed({ ...failure, kind: "forbidden", code: "RECEIVER_UNAUTHORIZED" }, first.rateLimit);
}
