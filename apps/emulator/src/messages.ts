import { randomUUID } from "node:crypto";
import type { Platform } from "./app.ts";
import { canCommunicate } from "./hierarchy.ts";
import { hasNul, isRecord, type JsonObject } from "./json.ts";
import { parseUuid } from "./uuid.ts";

/** A route's answer: status and body. */
export interface RouteAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/** A message to a workspace. */
export interface Message {
  readonly receiverId: string;
  /** Null for a person. */
  readonly callerId: string | null;
  readonly body: unknown;
}

const NOT_FOUND = { status: 404, body: { error: "workspace not found" } };
const NOT_LOOKED_UP = { status: 500, body: { error: "lookup failed" } };
const UNREACHABLE = { status: 503, body: { error: "workspace agent unreachable", restarting: true } };
const ACCESS_DENIED = "access denied: workspaces cannot communicate per hierarchy rules";

/** The reason why a workspace may not message another; null if it may. */
export function accessProblem(platform: Platform, callerId: string, receiverId: string): RouteAnswer | null {
  const { contract, state } = platform;
  // In v1, all of the emulator's workspaces are roots, and roots may message each other.
  if (contract.version === "v1" || canCommunicate(state, callerId, receiverId)) return null;
  return { status: 403, body: { error: ACCESS_DENIED } };
}

/**
 * Delivers a message from an authorized sender. The emulator never calls an agent: a push agent is assumed to have
 * answered; a polling agent finds the message in its activity.
 */
export function deliver(
  { contract, state, clock, emit }: Platform,
  { receiverId, callerId, body }: Message,
): RouteAnswer {
  const normalized = normalize(body);
  if ("status" in normalized) return normalized;
  const { envelope, method, messageId } = normalized;
  const receiver = state.get(receiverId);
  const target = `${method} → ${receiver?.name ?? receiverId}`;
  const log = (summary: string, responseBody?: JsonObject) => {
    // The database rejects NUL, and the platform then loses the message.
    if (!receiver || hasNul(envelope)) return;
    state.activity.add(
      {
        workspaceId: receiverId,
        type: "a2a_receive",
        sourceId: callerId,
        targetId: receiverId,
        method,
        summary,
        requestBody: envelope,
        ...(responseBody && { responseBody, durationMs: 0 }),
        messageId,
      },
      clock.now(),
    );
  };
  const isPolled = receiver?.deliveryMode === "poll";
  // Messages with an id are stored before their outcome is known; all others only afterwards.
  const isIngested = messageId !== undefined && method === "message/send";
  if (contract.version === "v1") {
    if (!receiver || receiver.status === "removed") return NOT_FOUND;
    if (receiver.status !== "online" && receiver.status !== "degraded") return UNREACHABLE;
  }
  if (isPolled) {
    log(`${target} (${isIngested ? "ingest" : "queued for poll"})`);
    emit({ type: "message", workspaceId: receiverId, from: callerId, queued: true });
    return { status: 200, body: { status: "queued", delivery_mode: "poll", method } };
  }
  if (!receiver) return parseUuid(receiverId) === null ? NOT_LOOKED_UP : NOT_FOUND;
  if (receiver.url === "") {
    if (isIngested) log(`${target} (ingest)`);
    return { status: 503, body: { error: "workspace has no URL", status: receiver.status } };
  }
  const answer = answerTo(envelope);
  log(isIngested ? `${target} (ingest)` : target, answer);
  emit({ type: "message", workspaceId: receiverId, from: callerId, queued: false });
  return { status: 200, body: answer };
}

/** The assumed answer of an agent with a URL. */
const answerTo = (envelope: JsonObject): JsonObject => ({
  jsonrpc: "2.0",
  id: envelope.id ?? null,
  result: { kind: "message", role: "agent", messageId: randomUUID(), parts: [{ kind: "text", text: "" }] },
});

interface Normalized {
  readonly envelope: JsonObject;
  readonly method: string;
  readonly messageId: string | undefined;
}

/** The message in the platform's format: a JSON-RPC envelope with an id, a role, and parts with their kind. */
function normalize(body: unknown): Normalized | RouteAnswer {
  if (body !== null && !isRecord(body)) return { status: 400, body: { error: "invalid JSON" } };
  const sent: JsonObject = body ?? {};
  const envelope: JsonObject =
    "jsonrpc" in sent
      ? { ...sent }
      : { jsonrpc: "2.0", id: randomUUID(), method: sent.method ?? null, params: sent.params ?? null };
  const method = typeof envelope.method === "string" ? envelope.method : "";
  const { params } = envelope;
  if (!isRecord(params) || !isRecord(params.message)) return { envelope, method, messageId: undefined };
  const { content, ...message } = params.message;
  const parts = "parts" in message ? message.parts : partsOf(content);
  if (parts === undefined) return { status: 400, body: noParts(content) };
  const kept: JsonObject = {
    messageId: randomUUID(),
    role: "user",
    ...message,
    ...("parts" in message && content !== undefined && { content }),
    parts: Array.isArray(parts) ? parts.map(withKind) : parts,
  };
  const messageId = typeof kept.messageId === "string" && kept.messageId !== "" ? kept.messageId : undefined;
  return { envelope: { ...envelope, params: { ...params, message: kept } }, method, messageId };
}

/** Converts the parts of a version 0.2 message. */
function partsOf(content: unknown): unknown {
  if (typeof content === "string") return [{ kind: "text", text: content }];
  return Array.isArray(content) ? content : undefined;
}

function withKind(part: unknown): unknown {
  if (!isRecord(part) || "kind" in part || !("type" in part)) return part;
  const { type, ...rest } = part;
  return { ...rest, kind: type };
}

const noParts = (content: unknown): JsonObject =>
  content === undefined
    ? {
        error: "params.message must contain either 'parts' (v0.3) or 'content' (v0.2 compat)",
        hint: 'v0.3 example: {"parts":[{"kind":"text","text":"..."}]}',
      }
    : {
        error: "invalid params.message.content type",
        hint: "content must be a string (v0.2 compat) or omitted in favour of parts (v0.3)",
      };
