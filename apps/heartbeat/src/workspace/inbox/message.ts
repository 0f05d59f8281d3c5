import { createHash } from "node:crypto";
import type { Awaitable, Signal } from "@x/auth-core";
import type { ActivityRow, JsonObject } from "@x/platform-client";
import { ownMember } from "../../storage/own.ts";

/** A message to a workspace, as its handler receives it. All of its content comes from another agent or a user. */
export interface InboxMessage {
  readonly workspace_id: string;
  readonly message_id: string;
  readonly from:
    | { readonly kind: "user"; readonly id: null }
    | { readonly kind: "workspace"; readonly id: string };
  /** Its parts of kind `text`, joined by line breaks. */
  readonly text: string;
  /** The parts as they were sent. */
  readonly parts: readonly JsonObject[];
  /** As the platform wrote it (RFC 3339). */
  readonly received_at: string;
}

/** What a handler receives besides the message. */
export interface HandlerOptions {
  /** Aborts when the message's time is up, and when the runner stops. */
  readonly signal: Signal;
  /** Writes a line to the runner's log, without tokens and cut to 1,000 characters. */
  readonly log: (line: string) => void;
}

/**
 * Handles a message and returns the answer; an empty text or nothing means no answer. A rejection counts as a failure:
 * the message is tried three times.
 */
export type MessageHandler = (
  message: InboxMessage,
  options: HandlerOptions,
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler without an answer need not return anything
) => Awaitable<string | null | undefined | void>;

/** The content of a row of the inbox. */
export type ReadRow =
  | {
      readonly kind: "message";
      readonly message: InboxMessage;
      /** False for an answer, and for the workspace's own messages: two agents must not answer each other endlessly. */
      readonly mayAnswer: boolean;
    }
  /**
   * `own`: sent by the workspace itself. `answered`: the platform called the workspace with it, and was answered.
   * `unreadable`: there is no message in it.
   */
  | { readonly kind: "own" | "answered" | "unreadable" };

export function readRow(row: ActivityRow, workspaceId: string): ReadRow {
  if (row.method === "notify") return { kind: "own" };
  if (ownMember(row.responseBody, "jsonrpc") !== undefined) return { kind: "answered" };
  if (row.sourceId === "") return { kind: "unreadable" };
  const params = ownMember(row.requestBody, "params");
  const sent = ownMember(params, "message");
  const sentParts = ownMember(sent, "parts");
  if (!Array.isArray(sentParts)) return { kind: "unreadable" };
  const parts: JsonObject[] = sentParts.filter(isObject);
  const messageId = ownMember(sent, "messageId");
  const { id, sourceId, createdAt } = row;
  const message: InboxMessage = {
    workspace_id: workspaceId,
    message_id: typeof messageId === "string" && /^.{1,256}$/su.test(messageId) ? messageId : id,
    from: sourceId === null ? { kind: "user", id: null } : { kind: "workspace", id: sourceId },
    text: parts.flatMap(textOf).join("\n"),
    parts,
    received_at: createdAt,
  };
  const isAnswer = [sent, params].some((holder) => {
    const inReplyTo = ownMember(ownMember(holder, "metadata"), "in_reply_to");
    return inReplyTo !== undefined && inReplyTo !== null;
  });
  return { kind: "message", message, mayAnswer: !isAnswer && sourceId?.toLowerCase() !== workspaceId };
}

/** Always the same for a row, so that a repeated answer is not a second message. */
export function answerIdOf(workspaceId: string, row: string): string {
  const hex = createHash("sha256").update(`answer ${workspaceId} ${row}`).digest("hex");
  // A UUID, version 8 (RFC 9562, section 5.8).
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A digest of an answer to the user. */
export const digestOf = (text: string): string =>
  createHash("sha256").update(text).digest("base64url").slice(0, 16);

function textOf(part: JsonObject): string[] {
  const kind = ownMember(part, "kind") ?? ownMember(part, "type");
  const text = ownMember(part, "text");
  return kind === "text" && typeof text === "string" ? [text] : [];
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
