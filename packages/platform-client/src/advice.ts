import { networkCauseOf } from "./network-causes.ts";
import type { PlatformFailure } from "./result.ts";

const OTHER_SERVER =
  "The server at this address does not speak the platform's API: check the host, the port and the path in PLATFORM_URL.";

/** Statuses of servers that do not have the route. */
const NO_SUCH_ROUTE = /^HTTP_(405|406|415|421|426|501|505)$/;

const ADVICE: Readonly<Record<string, string>> = {
  WORKSPACE_NOT_FOUND:
    "The platform does not know this workspace: register it, or create it there and use its new id and token.",
  WORKSPACE_REMOVED:
    "The workspace was removed from the platform, and its token with it: create a new one and use its id and token.",
  RECEIVER_NOT_FOUND: "The platform does not know the receiving workspace: check its id.",
  RECEIVER_REMOVED: "The receiving workspace was removed from the platform.",
  MESSAGE_NOT_ALLOWED:
    "A workspace may send messages only to its ancestors, descendants and siblings: an operator can set the parent.",
  RECEIVER_HAS_NO_URL:
    "The receiver is in push mode and has no URL: it must register with one, or in poll mode.",
  RECEIVER_UNAUTHORIZED:
    "The platform accepts this token, but the agent behind the receiver rejects the message: ask its operator.",
  WORKSPACE_ID_NOT_UUID: "The platform accepts UUIDs only: use the id that it shows for the workspace.",
  WORKSPACE_NOT_EXTERNAL:
    "Only external workspaces can be rotated: restart a container's workspace; a self-registered one keeps its token.",
  TENANT_ORG_HEADER_REQUIRED: "The platform is multi-tenant: set MOLECULE_ORG_ID to the tenant's id.",
  EMPTY_NOT_FOUND:
    "An empty 404 comes from an edge proxy or the tenant guard, so the workspace may still exist: check PLATFORM_URL, and MOLECULE_ORG_ID if the platform is multi-tenant.",
  ROUTE_NOT_FOUND:
    "This address does not serve the platform's API: check the host and the path in PLATFORM_URL.",
  ORIGIN_REJECTED: "The platform does not accept this Origin: check the host and port in PLATFORM_URL.",
  EDGE_FORBIDDEN:
    "Something in front of the platform (an edge proxy, a firewall) blocks the request: ask its operator to allow this User-Agent and address.",
  RESPONSE_NOT_JSON:
    "The response did not come from the platform's API, perhaps from its web page or a login page: check the scheme, host, port and path in PLATFORM_URL.",
  RESPONSE_UNEXPECTED: OTHER_SERVER,
  RESPONSE_TOO_LONG: OTHER_SERVER,
  NOT_FOUND: OTHER_SERVER,
  URL_REQUIRED: "The workspace is in push mode: register it with its URL, or in poll mode.",
  URL_REJECTED:
    "The platform does not call this URL: use a public http(s) address, or register in poll mode.",
  ADMIN_REQUIRED: "This is an operator's request: use the admin's token.",
  UNAUTHORIZED:
    "The server requires credentials other than a workspace token: check PLATFORM_URL, and any proxy in front of the platform.",
  TOKEN_REJECTED:
    "The platform rejects this token: if that persists, an operator must issue a new one; store it where the workspace looks for it.",
  TOKEN_MISSING:
    "The workspace has a token on the platform, but none was found here: store it where the workspace looks for it.",
  PLATFORM_CHANGED:
    "PLATFORM_URL changed, but this client belongs to the previous platform: create a new client.",
  PLATFORM_UNKNOWN: "Set PLATFORM_URL: it determines where the token may be sent.",
};

/**
 * What to do about a failure, in one or two sentences for people; `null` if waiting is enough. Each cause has one piece
 * of advice.
 *
 * @example
 * const result = await client.heartbeat(stats);
 * if (!result.ok) console.error(result.failure.message, advice(result.failure) ?? "");
 */
export function advice(failure: Pick<PlatformFailure, "code" | "redirectOrigin">): string | null {
  const { code, redirectOrigin } = failure;
  if (code === "REDIRECTED") {
    return redirectOrigin === undefined
      ? "The platform redirects, which is not followed: if the target is its new address, set PLATFORM_URL to that, its path included; if it is a login page, log in first."
      : `The platform redirects to ${redirectOrigin}, which is not followed: if that is its new address, set PLATFORM_URL to it, its path included; if it is a login page, log in first.`;
  }
  if (Object.hasOwn(ADVICE, code)) return ADVICE[code] ?? null;
  return networkCauseOf(code)?.fix ?? (NO_SUCH_ROUTE.test(code) ? OTHER_SERVER : null);
}

/**
 * Whether a failure requires action, because it does not resolve by itself.
 *
 * @example
 * const result = await client.heartbeat(stats);
 * if (!result.ok && needsAction(result.failure)) console.error(result.failure.message);
 */
export function needsAction(failure: PlatformFailure): boolean {
  const { kind, code, status } = failure;
  if (kind === "circuit_open" || kind === "aborted") return false;
  if (kind === "unavailable") return status === 0 && networkCauseOf(code)?.isLasting === true;
  return kind === "invalid" || advice(failure) !== null;
}
