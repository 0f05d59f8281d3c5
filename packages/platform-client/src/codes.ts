/**
 * Failure codes, stable across versions. `PlatformFailure.code` may also be an `AuthErrorCode`, a network error's code
 * such as `ECONNREFUSED`, or `HTTP_` and a status.
 *
 * - `TOKEN_MISSING`, `TOKEN_REJECTED`, `ADMIN_REQUIRED`, `UNAUTHORIZED`: 401 for a missing token, a rejected token, an
 *   operator's route, any other reason
 * - `FORBIDDEN`, `EDGE_FORBIDDEN`: 403 from the platform, or from an edge proxy in front of it
 * - `MESSAGE_NOT_ALLOWED`: 403, the hierarchy does not allow messages between these workspaces
 * - `WORKSPACE_NOT_FOUND`, `WORKSPACE_REMOVED`, `RECEIVER_NOT_FOUND`, `RECEIVER_REMOVED`: never existed, or was removed
 * - `WORKSPACE_ID_NOT_UUID`: the platform accepts UUIDs only
 * - `WORKSPACE_NOT_EXTERNAL`: only external workspaces can be rotated
 * - `REDIRECTED`: the platform moved, or a login page intercepts requests
 * - `TENANT_ORG_HEADER_REQUIRED`: a multi-tenant platform, and the request names no tenant
 * - `ORIGIN_REJECTED`: 403 without a body
 * - `EMPTY_NOT_FOUND`: 404 without a body, from an edge proxy or the tenant guard, not the registry
 * - `ROUTE_NOT_FOUND`: 404 or 410 with a page: this is not the platform's API
 * - `URL_REQUIRED`, `URL_REJECTED`: a push workspace must provide its URL; the platform does not call this URL
 * - `CURSOR_NOT_FOUND`: the activity row to continue after does not exist: start without a cursor
 * - `TOKEN_NOT_FOUND`: no live token has this id
 * - `NOT_FOUND`, `BAD_REQUEST`, `PAYLOAD_TOO_LARGE`: 404, 400, 413 for other reasons
 * - `RATE_LIMITED`: 429
 * - `SERVER_ERROR`: 5xx
 * - `RECEIVER_WAKING`, `RECEIVER_BUSY`, `RECEIVER_HAS_NO_URL`: the receiver cannot be reached now
 * - `RECEIVER_UNAUTHORIZED`: a message got a 401 although the platform accepts the token: it came from the receiver
 * - `RECEIVER_ERROR`: the receiver responded with a JSON-RPC error
 * - `RESPONSE_NOT_JSON`, `RESPONSE_TOO_LONG`, `RESPONSE_UNEXPECTED`, `RESPONSE_OTHER_WORKSPACE`: an unusable 2xx
 *   response
 * - `TIMEOUT`, `NETWORK_ERROR`: no response in time; no response for an unknown reason
 * - `CIRCUIT_OPEN`, `ABORTED`: nothing was sent; the caller aborted
 * - `PLATFORM_CHANGED`: the `Auth` has been configured for another platform
 */
export type PlatformErrorCode =
  | "TOKEN_MISSING"
  | "TOKEN_REJECTED"
  | "ADMIN_REQUIRED"
  | "UNAUTHORIZED"
  | "FORBIDDEN"
  | "EDGE_FORBIDDEN"
  | "MESSAGE_NOT_ALLOWED"
  | "WORKSPACE_NOT_FOUND"
  | "WORKSPACE_REMOVED"
  | "RECEIVER_NOT_FOUND"
  | "RECEIVER_REMOVED"
  | "WORKSPACE_ID_NOT_UUID"
  | "WORKSPACE_NOT_EXTERNAL"
  | "REDIRECTED"
  | "TENANT_ORG_HEADER_REQUIRED"
  | "ORIGIN_REJECTED"
  | "EMPTY_NOT_FOUND"
  | "ROUTE_NOT_FOUND"
  | "URL_REQUIRED"
  | "URL_REJECTED"
  | "CURSOR_NOT_FOUND"
  | "TOKEN_NOT_FOUND"
  | "NOT_FOUND"
  | "BAD_REQUEST"
  | "PAYLOAD_TOO_LARGE"
  | "RATE_LIMITED"
  | "SERVER_ERROR"
  | "RECEIVER_WAKING"
  | "RECEIVER_BUSY"
  | "RECEIVER_HAS_NO_URL"
  | "RECEIVER_UNAUTHORIZED"
  | "RECEIVER_ERROR"
  | "RESPONSE_NOT_JSON"
  | "RESPONSE_TOO_LONG"
  | "RESPONSE_UNEXPECTED"
  | "RESPONSE_OTHER_WORKSPACE"
  | "TIMEOUT"
  | "NETWORK_ERROR"
  | "CIRCUIT_OPEN"
  | "ABORTED"
  | "PLATFORM_CHANGED";

/** The platform's `error` constants in 4xx responses, and their codes. */
const BY_ERROR: ReadonlyMap<string, PlatformErrorCode> = new Map([
  ["missing workspace auth token", "TOKEN_MISSING"],
  ["missing caller auth token", "TOKEN_MISSING"],
  ["invalid workspace auth token", "TOKEN_REJECTED"],
  ["invalid caller auth token", "TOKEN_REJECTED"],
  ["admin auth required", "ADMIN_REQUIRED"],
  ["invalid admin auth token", "ADMIN_REQUIRED"],
  ["access denied: workspaces cannot communicate per hierarchy rules", "MESSAGE_NOT_ALLOWED"],
  ["workspace not found", "WORKSPACE_NOT_FOUND"],
  ["invalid workspace ID", "WORKSPACE_ID_NOT_UUID"],
  ["rotate is only valid for external/BYO-compute workspaces", "WORKSPACE_NOT_EXTERNAL"],
  ["token not found or already revoked", "TOKEN_NOT_FOUND"],
]);

/** The same for constants followed by details. */
const BY_BEGINNING: readonly (readonly [string, PlatformErrorCode])[] = [
  ["url is required", "URL_REQUIRED"],
  ["url ", "URL_REJECTED"],
  ["since_id cursor not found", "CURSOR_NOT_FOUND"],
];

/** The code of a 4xx response's `error` property; `undefined` for text that is not in the contract. */
export function codeOfError(error: string): PlatformErrorCode | undefined {
  return BY_ERROR.get(error) ?? BY_BEGINNING.find(([beginning]) => error.startsWith(beginning))?.[1];
}

/** `error` constants of a 500 that the platform sends both for an id that is not a UUID and for an outage. */
export const NOT_STORED: ReadonlySet<string> = new Set(["registration failed", "failed to update"]);

/** `error` constant of a 500 that the platform sends both for a cursor that is not a UUID and for an outage. */
export const CURSOR_FAILED = "cursor lookup failed";
