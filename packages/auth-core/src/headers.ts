import { AuthError } from "./errors.ts";
import { cleanText } from "./token.ts";

/** Environment variables by name, as in `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Headers for a request to the platform. Those without a value are absent. */
export type AuthHeaders = {
  /** Origin of the platform (RFC 6454). */
  Origin?: string;
  /** `Bearer <token>` (RFC 6750, section 2.1). */
  Authorization?: string;
  /** Tenant id. */
  "X-Molecule-Org-Id"?: string;
  /** Id of the workspace whose own runtime sends the request. */
  "X-Workspace-ID"?: string;
};

/** Printable ASCII without spaces. */
const ORG_ID = /^[\x21-\x7e]{1,128}$/;

/** Headers of these values; each without a value is absent. */
export function buildHeaders(
  origin: string | null,
  authorization: string | null | undefined,
  orgId: string | null,
  sourceId: string | null,
): AuthHeaders {
  const headers: AuthHeaders = {};
  if (origin) headers.Origin = origin;
  if (authorization) headers.Authorization = authorization;
  if (orgId) headers["X-Molecule-Org-Id"] = orgId;
  if (sourceId) headers["X-Workspace-ID"] = sourceId;
  return headers;
}

/**
 * Checks a tenant id.
 *
 * @throws AuthError `ORG_ID_INVALID`, whose message names the environment variable
 */
export function checkOrgId(value: string, name: string): string {
  const id = cleanText(value);
  if (id && ORG_ID.test(id)) return id;
  throw new AuthError(
    "ORG_ID_INVALID",
    `${name} must be 1 to 128 printable ASCII characters without spaces.`,
  );
}
