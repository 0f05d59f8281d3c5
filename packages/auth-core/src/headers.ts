import { AuthError } from "./errors.ts";
import { cleanText } from "./token.ts";

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
  if (origin) headers.Origin = origin;
  if (token) headers.Authorization = `Bearer ${token}`;
  if (orgId) headers["X-Molecule-Org-Id"] = orgId;
  if (sourceId) headers["X-Workspace-ID"] = sourceId;
  return headers;
}

/**
 * Checks a tenant id.
 *
 * @throws AuthError `ORG_ID_INVALID`, naming the variable
 */
export function checkOrgId(value: string, name: string): string {
  if (ORG_ID.test(value)) return value;
  throw new AuthError(
    "ORG_ID_INVALID",
    `${name} must be 1 to 128 printable ASCII characters without spaces.`,
  );
}

/**
 * What becomes of a variable's text; a blank one counts as absent. Remembers the last one, because variables are asked for
 * with every request, and checking them would take longer than all the rest together. The caller reads the variable:
 * under a name that is not written there, that would take longer, too.
 */
export function createVariable(
  name: string,
  check: (value: string, name: string) => string,
): (text: string | undefined) => string | null {
  let lastText: string | undefined;
  let last: string | null = null;
  return (text) => {
    if (text !== lastText) {
      const value = cleanText(text);
      last = value && check(value, name);
      lastText = text;
    }
    return last;
  };
}
