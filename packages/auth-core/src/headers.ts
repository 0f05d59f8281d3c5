import { AuthError } from "./errors.ts";
import { platformOrigin } from "./platform-url.ts";

/** Variables by name, as in `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What a request says about its sender; what is `null` is left out. */
export interface HeaderParts {
  /** Origin of the platform (RFC 6454). */
  readonly origin: string | null;
  /** Bearer token (RFC 6750, section 2.1). */
  readonly token: string | null;
  /** Tenant id. */
  readonly orgId: string | null;
  /** The workspace that fires the request at an A2A endpoint. */
  readonly sourceId: string | null;
}

/** Printable ASCII without a space. */
const ORG_ID = /^[\x21-\x7e]{1,128}$/;

export function buildHeaders({ origin, token, orgId, sourceId }: HeaderParts): Record<string, string> {
  const headers: Record<string, string> = {};
  if (origin !== null) headers.Origin = origin;
  if (token !== null) headers.Authorization = `Bearer ${token}`;
  if (orgId !== null) headers["X-Molecule-Org-Id"] = orgId;
  if (sourceId !== null) headers["X-Workspace-ID"] = sourceId;
  return headers;
}

/**
 * The tenant id from `MOLECULE_ORG_ID`, else `MOLECULE_ORGANIZATION_ID`; `null` when neither is set.
 *
 * @throws AuthError `INVALID_ORG_ID`, naming the variable
 */
export function orgIdFrom(env: Env): string | null {
  for (const name of ["MOLECULE_ORG_ID", "MOLECULE_ORGANIZATION_ID"]) {
    const value = env[name]?.trim();
    if (!value) continue;
    if (ORG_ID.test(value)) return value;
    throw new AuthError(
      "INVALID_ORG_ID",
      `${name} must be 1 to 128 printable ASCII characters without spaces; copy the tenant id from the platform.`,
    );
  }
  return null;
}

/**
 * The origin of `PLATFORM_URL`; `null` when it is not set. Remembers the last answer, because this is asked for
 * every request and a URL takes longer to parse than all the rest together.
 */
export function createOriginReader(): (env: Env) => string | null {
  let lastUrl: string | undefined;
  let lastOrigin: string | null = null;
  return (env) => {
    const url = env.PLATFORM_URL;
    if (url !== lastUrl) {
      lastOrigin = url?.trim() ? platformOrigin(url, "PLATFORM_URL") : null;
      lastUrl = url;
    }
    return lastOrigin;
  };
}
