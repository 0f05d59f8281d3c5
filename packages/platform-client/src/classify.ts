import { codeOfError, NOT_STORED, type PlatformErrorCode } from "./codes.ts";
import { own, textOf } from "./json.ts";
import { networkCauseOf } from "./network-causes.ts";
import { networkErrorCode } from "./network-code.ts";
import type { Reply } from "./reply.ts";
import type { FailureKind, PlatformFailure, Sent } from "./result.ts";
import { printable } from "./text.ts";

/** The parts of a request that its response's meaning depends on. */
export interface Asked {
  /** The workspace that the request was about. A response that names another one is rejected. */
  readonly workspaceId: string;
  /** The request's tokens, which are redacted. */
  readonly secrets: readonly string[];
}

/** Classifies a response: a failure, or `null` for a success. Never throws. */
export function classify(reply: Reply, asked: Asked): PlatformFailure | null {
  const { status, body, shape } = reply;
  if (status >= 200 && status < 300) {
    if (namesAnother(body, asked.workspaceId)) {
      return failureOf(reply, asked, "invalid", "RESPONSE_OTHER_WORKSPACE", "yes");
    }
    if (shape === "too-long") return failureOf(reply, asked, "invalid", "RESPONSE_TOO_LONG", "yes");
    // A login page or captive portal also responds 200.
    if (shape === "not-json") return failureOf(reply, asked, "invalid", "RESPONSE_NOT_JSON", "maybe");
    return null;
  }
  if (status < 400) return failureOf(reply, asked, "routing_error", "REDIRECTED", "no");
  if (status >= 500) return serverFailure(reply, asked);
  const code = codeOfError(textOf(body, "error"));
  switch (status) {
    case 400:
      if (own(body, "code") === "TENANT_ORG_HEADER_REQUIRED") {
        return failureOf(reply, asked, "routing_error", "TENANT_ORG_HEADER_REQUIRED", "no");
      }
      return failureOf(reply, asked, "invalid", code ?? "BAD_REQUEST", "no");
    case 401:
      return failureOf(reply, asked, "unauthorized", code ?? "UNAUTHORIZED", "no");
    case 403:
      if (shape === "empty") return failureOf(reply, asked, "routing_error", "ORIGIN_REJECTED", "no");
      return failureOf(
        reply,
        asked,
        "forbidden",
        code ?? (shape === "json" ? "FORBIDDEN" : "EDGE_FORBIDDEN"),
        "no",
      );
    case 404:
      if (shape === "empty") return failureOf(reply, asked, "routing_error", "EMPTY_NOT_FOUND", "no");
      if (shape !== "json") return failureOf(reply, asked, "routing_error", "ROUTE_NOT_FOUND", "no");
      if (code === "WORKSPACE_NOT_FOUND") return failureOf(reply, asked, "not_found", code, "no");
      return failureOf(reply, asked, "invalid", code ?? "NOT_FOUND", "no");
    case 410:
      if (code === "CURSOR_NOT_FOUND") return failureOf(reply, asked, "invalid", code, "no");
      // A page, as of a closed site or an edge, says nothing about the workspace.
      if (shape === "not-json") return failureOf(reply, asked, "routing_error", "ROUTE_NOT_FOUND", "no");
      if (namesAnother(body, asked.workspaceId)) {
        return failureOf(reply, asked, "invalid", "RESPONSE_OTHER_WORKSPACE", "no");
      }
      return failureOf(reply, asked, "not_found", "WORKSPACE_REMOVED", "no");
    case 408:
      return failureOf(reply, asked, "unavailable", "HTTP_408", "maybe");
    case 413:
      return failureOf(reply, asked, "invalid", "PAYLOAD_TOO_LARGE", "no");
    case 429:
      return failureOf(reply, asked, "unavailable", "RATE_LIMITED", "no");
    default:
      return failureOf(reply, asked, "invalid", code ?? `HTTP_${status}`, "no");
  }
}

/** Whether the platform accepts this id. It accepts UUIDs only, in upper or lower case. */
export const isUuid = (text: string): boolean => UUID.test(text);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function serverFailure(reply: Reply, asked: Asked): PlatformFailure {
  // The platform's database rejects such an id permanently; this is not an outage.
  if (NOT_STORED.has(textOf(reply.body, "error")) && !isUuid(asked.workspaceId)) {
    return failureOf(reply, asked, "invalid", "WORKSPACE_ID_NOT_UUID", "no");
  }
  return failureOf(reply, asked, "unavailable", "SERVER_ERROR", "maybe");
}

/** `workspaceId` is in lower case; the platform may send upper case. Empty: not compared. */
function namesAnother(body: unknown, workspaceId: string): boolean {
  if (workspaceId === "") return false;
  const connection = own(body, "connection");
  for (const id of [own(body, "id"), own(body, "workspace_id"), own(connection, "workspace_id")]) {
    if (typeof id === "string" && id.toLowerCase() !== workspaceId) return true;
  }
  return false;
}

export function failureOf(
  reply: Reply,
  { secrets }: Asked,
  kind: FailureKind,
  code: PlatformErrorCode | `HTTP_${number}`,
  sent: Sent,
): PlatformFailure {
  const { status, retryAfterMs, redirectOrigin } = reply;
  const message = printable(`${status || "redirect"} ${explain(reply, code)}`.trim(), { secrets });
  const failure: PlatformFailure = { kind, code, status, message, retryAfterMs, sent };
  return redirectOrigin === undefined
    ? failure
    : { ...failure, redirectOrigin: printable(redirectOrigin, { secrets }) };
}

const UNUSABLE: Partial<Record<PlatformErrorCode | `HTTP_${number}`, string>> = {
  RESPONSE_OTHER_WORKSPACE: "about another workspace",
  RESPONSE_TOO_LONG: "with an answer that is too long",
  RESPONSE_NOT_JSON: "with an answer that is not JSON",
  RESPONSE_UNEXPECTED: "with an answer of an unknown form",
};

/** Messages for responses that contain none. */
const UNSAID: Partial<Record<PlatformErrorCode | `HTTP_${number}`, string>> = {
  RECEIVER_WAKING: "the receiver is being started",
  RECEIVER_BUSY: "the receiver is busy",
};

function explain({ body, shape, redirectOrigin }: Reply, code: PlatformErrorCode | `HTTP_${number}`): string {
  const problem = UNUSABLE[code];
  if (problem !== undefined) return problem;
  if (code === "REDIRECTED") return `to ${redirectOrigin ?? "an address that is not shown"}`;
  const error = own(body, "error");
  const words = [typeof error === "string" ? error : textOf(error, "message"), textOf(body, "code")];
  const said = words.filter((word) => word !== "").join(", ");
  if (said !== "") return said;
  return UNSAID[code] ?? (shape === "empty" ? "without a body" : "");
}

/**
 * A failure without a response.
 *
 * @param error the transport's rejection; only its code is shown, because its message may quote a header
 */
export function noAnswer(error: unknown, secrets: readonly string[]): PlatformFailure {
  const found = networkErrorCode(error);
  const isSecret = secrets.some((secret) => found.toLowerCase().includes(secret.toLowerCase()));
  const code = isSecret ? "NETWORK_ERROR" : found;
  const sent: Sent = networkCauseOf(code)?.isUnsent ? "no" : "maybe";
  const message = code === "TIMEOUT" ? "no answer in time" : `no answer (${code})`;
  return { kind: "unavailable", code, status: 0, message, retryAfterMs: 0, sent };
}

/** A failure before anything was sent. */
export function notSent(kind: FailureKind, code: string, message: string, retryAfterMs = 0): PlatformFailure {
  return { kind, code, status: 0, message, retryAfterMs, sent: "no" };
}
