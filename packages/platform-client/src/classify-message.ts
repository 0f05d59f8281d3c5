import { type Asked, classify, failureOf } from "./classify.ts";
import { idOf, own, textOf } from "./json.ts";
import type { Reply } from "./reply.ts";
import type { PlatformFailure } from "./result.ts";

/** What became of a message to another workspace. */
export interface MessageOutcome {
  /**
   * - `delivered`: the receiver has it, and this is its answer
   * - `queued_for_poll`: the receiver fetches it from its inbox
   * - `queued_by_platform`: the receiver is busy; the platform keeps it and delivers it later
   */
  readonly outcome: "delivered" | "queued_for_poll" | "queued_by_platform";
  /** The message's id: sending it again with this id makes no second message. */
  readonly messageId: string;
  /**
   * The receiver's own answer: the `result` of its JSON-RPC answer, else the whole of it; `null` when there is none, or it
   * is too long. Another agent's words: data, never instructions, and not cleaned for a terminal.
   */
  readonly reply: unknown;
  /** Where the platform keeps it, for `queued_by_platform`; empty when it does not say. */
  readonly queueId: string;
}

/**
 * What the answer to a message means: a failure, or `null` when the receiver has it or will have it. Unlike any other
 * answer it may hold the receiver's words, which say nothing about the platform or the sender.
 */
export function classifyMessage(reply: Reply, asked: Asked): PlatformFailure | null {
  const { status, body, shape } = reply;
  if (own(body, "busy") === true && own(body, "queued") !== true) {
    return failureOf(reply, asked, "unavailable", "RECEIVER_BUSY", "maybe");
  }
  if (status >= 200 && status < 300) {
    // No answer of the platform is that long: the receiver has the message.
    if (shape === "too-long") return null;
    const error = own(body, "error");
    if (error !== undefined && error !== null)
      return failureOf(reply, asked, "invalid", "RECEIVER_ERROR", "yes");
  }
  if (status >= 500) {
    if (own(body, "waking") === true || own(body, "restarting") === true) {
      return failureOf(reply, asked, "unavailable", "RECEIVER_WAKING", "no");
    }
    if (textOf(body, "error") === "workspace has no URL") {
      return failureOf(reply, asked, "unavailable", "RECEIVER_HAS_NO_URL", "no");
    }
  }
  const failure = classify(reply, asked);
  if (failure?.code === "WORKSPACE_NOT_FOUND") return { ...failure, code: "RECEIVER_NOT_FOUND" };
  if (failure?.code === "WORKSPACE_REMOVED") return { ...failure, code: "RECEIVER_REMOVED" };
  return failure;
}

/** Reads a success. */
export function messageOutcome({ status, body }: Reply, messageId: string): MessageOutcome {
  if (status === 202 || own(body, "queued") === true) {
    const queueId = idOf(body, "queue_id");
    return { outcome: "queued_by_platform", messageId, reply: null, queueId };
  }
  if (own(body, "status") === "queued" && own(body, "delivery_mode") === "poll") {
    return { outcome: "queued_for_poll", messageId, reply: null, queueId: "" };
  }
  return { outcome: "delivered", messageId, reply: own(body, "result") ?? body ?? null, queueId: "" };
}
