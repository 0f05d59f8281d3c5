import type { PlatformFailure } from "./result.ts";

const ADVICE: Readonly<Record<string, string>> = {
  WORKSPACE_NOT_FOUND:
    "The platform does not have this workspace: register it, or create it there and use its new id and token.",
  WORKSPACE_REMOVED:
    "The workspace was removed from the platform, and its token with it: create a new one and use its id and token.",
  RECEIVER_NOT_FOUND: "The platform does not have the receiving workspace: check its id.",
  RECEIVER_REMOVED: "The receiving workspace was removed from the platform.",
  MESSAGE_NOT_ALLOWED:
    "The platform lets a workspace write to its parent, its children and its siblings only: an operator can set the parent.",
  RECEIVER_HAS_NO_URL:
    "The receiver is in push mode and has no URL: it must register with one, or in poll mode.",
  WORKSPACE_ID_NOT_UUID: "The platform takes UUIDs only: use the id that it shows for the workspace.",
  WORKSPACE_NOT_EXTERNAL:
    "Only external workspaces can be rotated: restart a container's workspace; a self-registered one keeps its token.",
  TENANT_ORG_HEADER_REQUIRED: "The platform serves tenants: set MOLECULE_ORG_ID to the tenant's id.",
  EMPTY_NOT_FOUND:
    "An empty 404 comes from an edge or the tenant guard, and the workspace may well exist: check PLATFORM_URL, and MOLECULE_ORG_ID if the platform serves tenants.",
  ROUTE_NOT_FOUND:
    "This address does not serve the platform's API: check the host and the path in PLATFORM_URL.",
  ORIGIN_REJECTED: "The platform does not accept this Origin: check the host and port in PLATFORM_URL.",
  EDGE_FORBIDDEN:
    "Something in front of the platform (an edge, a firewall) blocks the request: ask its operator to let this User-Agent and address through.",
  RESPONSE_NOT_JSON:
    "What answered is not the platform's API, perhaps its web page or a login page: check PLATFORM_URL.",
  URL_REQUIRED: "The workspace is in push mode: register it with its URL, or in poll mode.",
  URL_REJECTED:
    "The platform does not call this URL: use a public http(s) address, or register in poll mode.",
  ADMIN_REQUIRED: "This is an operator's request: use the admin's token.",
  TOKEN_REJECTED:
    "The platform does not accept this token: if it stays so, an operator must issue a new one; store it where the workspace finds it.",
  TOKEN_MISSING:
    "The workspace has a token on the platform, and none was found here: store it where the workspace finds it.",
  PLATFORM_CHANGED:
    "PLATFORM_URL changed, and this client still belongs to the platform before: create a new client.",
  PLATFORM_UNKNOWN: "Set PLATFORM_URL: it says where the token may be sent.",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "The platform's certificate is self-signed: trust it (NODE_EXTRA_CA_CERTS), or have one issued.",
  SELF_SIGNED_CERT_IN_CHAIN:
    "The platform's certificate comes from an authority that is not trusted here: add it (NODE_EXTRA_CA_CERTS).",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "The platform's certificate comes from an authority that is not trusted here: add it (NODE_EXTRA_CA_CERTS).",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "The platform's certificate comes from an authority that is not trusted here: add it (NODE_EXTRA_CA_CERTS).",
  CERT_HAS_EXPIRED:
    "The platform's certificate has expired: its operator must renew it (or this machine's clock is wrong).",
  CERT_NOT_YET_VALID: "The platform's certificate is not valid yet: check this machine's clock.",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "The platform's certificate is for another name: check the host in PLATFORM_URL.",
  ERR_SSL_WRONG_VERSION_NUMBER:
    "The platform speaks http here, not https: check the scheme and port in PLATFORM_URL.",
  ERR_SSL_PACKET_LENGTH_TOO_LONG:
    "The platform speaks http here, not https: check the scheme and port in PLATFORM_URL.",
};

/**
 * What to do about a failure that time alone does not fix: one sentence or two for people. `null` when waiting may be
 * enough. One cause, one piece of advice.
 *
 * @example
 * const result = await client.heartbeat(stats);
 * if (!result.ok) console.error(result.failure.message, advice(result.failure) ?? "");
 */
export function advice(failure: Pick<PlatformFailure, "code" | "redirectOrigin">): string | null {
  const { code, redirectOrigin } = failure;
  if (code === "REDIRECTED") {
    return redirectOrigin === undefined
      ? "The platform redirects, which is not followed: set PLATFORM_URL to the final address."
      : `The platform redirects to ${redirectOrigin}, which is not followed: set PLATFORM_URL to the final address.`;
  }
  return Object.hasOwn(ADVICE, code) ? (ADVICE[code] ?? null) : null;
}
