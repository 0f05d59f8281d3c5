import { redactToken } from "@x/auth-core";
import { cleanText } from "./clean-text.ts";

/** What came back from the platform, or that nothing did. Without headers: nothing in it is a secret but `body`. */
export interface Reply {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** The JSON object of the answer; empty when it held none. */
  readonly body: Readonly<Record<string, unknown>>;
  /** True when the answer had no body at all. */
  readonly empty: boolean;
  /** Why the answer's text is of no use, and `body` is empty: longer than any of the platform's, or no JSON. */
  readonly unusable?: "too long to be one" | "no JSON";
  /** `Retry-After` in milliseconds; 0 when there was none. */
  readonly retryAfterMs: number;
  /** Origin that a 3xx points to. Redirects are not followed: the token goes nowhere that is not configured. */
  readonly redirectedTo?: string;
  /** Without an answer: why, as a code (`ECONNREFUSED`, `TIMEOUT`). */
  readonly failure?: string;
}

/** The parts of the request that its answer is classified by. */
export interface Asked {
  /** An answer that says it is about another workspace is none. */
  readonly workspaceId?: string | undefined;
  /** What was sent, and is not repeated. */
  readonly token?: string;
}

/**
 * What a reply means for the sender.
 *
 * - `accepted`: 2xx
 * - `unauthorized`: the token is not accepted (401), or the sender has no access (403)
 * - `not_found`: the workspace was removed, or never was
 * - `routing_error`: the request did not reach the platform's registry; the edge or a tenant guard answered
 * - `unavailable`: no answer, 5xx, 429: worth another try later
 * - `invalid`: any other 4xx, or an answer that makes no sense: the same request would fare no better
 */
export type Outcome =
  | { readonly kind: "accepted" }
  | {
      readonly kind: "unauthorized" | "not_found" | "routing_error" | "invalid";
      readonly status: number;
      readonly why: string;
    }
  | { readonly kind: "unavailable"; readonly why: string; readonly retryAfterMs: number };

export function classify(reply: Reply, { workspaceId, token = "" }: Asked = {}): Outcome {
  const { status, body, empty, retryAfterMs } = reply;
  if (status === 0) return { kind: "unavailable", why: reply.failure ?? "no answer", retryAfterMs };
  if ((isSuccess(reply) || status === 410) && namesAnother(body, workspaceId)) {
    return { kind: "invalid", status, why: `${status} about another workspace` };
  }
  if (isSuccess(reply)) {
    if (reply.unusable === undefined) return { kind: "accepted" };
    return { kind: "invalid", status, why: `${status} with an answer that is ${reply.unusable}` };
  }
  const why = describe(reply, token);
  if (status === 429 || status >= 500) return { kind: "unavailable", why, retryAfterMs };
  if (isSuccess(reply)) return { kind: "invalid", status, why };
  if (status < 400) return { kind: "routing_error", status, why };
  if (status === 401) return { kind: "unauthorized", status, why };
  if (status === 403) return { kind: empty ? "routing_error" : "unauthorized", status, why };
  if (status === 404 && empty) return { kind: "routing_error", status, why };
  if (body.code === "TENANT_ORG_HEADER_REQUIRED") return { kind: "routing_error", status, why };
  if (status === 410 || body.error === "workspace not found") return { kind: "not_found", status, why };
  return { kind: "invalid", status, why };
}

export function isSuccess({ status }: Reply): boolean {
  return status >= 200 && status < 300;
}

/** What the platform takes a workspace for: one of its words, which may be a new one; `null` for anything else. */
export function statusIn({ body }: Reply): string | null {
  return typeof body.status === "string" && /^[a-z][a-z_-]{0,31}$/i.test(body.status) ? body.status : null;
}

function namesAnother(body: Reply["body"], workspaceId: string | undefined): boolean {
  if (workspaceId === undefined) return false;
  const named = [body.id, body.workspace_id].filter((id) => typeof id === "string");
  return named.some((id) => id.toLowerCase() !== workspaceId);
}

/**
 * Statuses and the platform's own words for it: at most 120 characters of them, which do nothing to a terminal, and
 * without the token, which some servers repeat.
 */
function describe({ status, body, empty, redirectedTo }: Reply, token: string): string {
  if (redirectedTo !== undefined) return `${status} to ${redirectedTo}`;
  const words = [body.error, body.code].filter((word) => typeof word === "string" && word !== "");
  const said = token === "" ? words.join(", ") : words.join(", ").replaceAll(token, redactToken(token));
  if (words.length > 0) return `${status} ${cleanText(said, "one-line").slice(0, 120)}`;
  return empty ? `${status} without a body` : String(status);
}

/** What to do about an outcome that waiting does not fix; `null` when it may. */
export function advice(outcome: Outcome): string | null {
  if (outcome.kind === "routing_error") return adviseOnRouting(outcome.status, outcome.why);
  if (outcome.kind === "not_found") {
    return "the platform does not have this workspace (any more): create it again there and use its new id and token";
  }
  return null;
}

function adviseOnRouting(status: number, why: string): string {
  if (why.includes("TENANT_ORG_HEADER_REQUIRED")) {
    return "the platform serves several tenants and the request names none: set MOLECULE_ORG_ID to the tenant's id";
  }
  if (status < 400)
    return `the platform answered ${why}, which is not followed: set PLATFORM_URL to the final address`;
  if (status === 403)
    return "the platform does not accept this Origin: check the host and port in PLATFORM_URL";
  return (
    "an empty 404 comes from the edge or a tenant guard, not from the registry, so the workspace " +
    "may well exist: check PLATFORM_URL, and MOLECULE_ORG_ID if the platform serves tenants"
  );
}
