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

/** The values behind the headers; `null` omits one. */
export interface HeaderParts {
  readonly origin: string | null;
  readonly token: string | null;
  readonly orgId: string | null;
  readonly sourceId: string | null;
}

/** Printable ASCII without spaces. */
const ORG_ID = /^[\x21-\x7e]{1,128}$/;

export function buildHeaders({ origin, token, orgId, sourceId }: HeaderParts): AuthHeaders {
  const headers: AuthHeaders = {};
  if (origin) headers.Origin = origin;
  if (token) headers.Authorization = `Bearer ${token}`;
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
  if (ORG_ID.test(value)) return value;
  throw new AuthError(
    "ORG_ID_INVALID",
    `${name} must be 1 to 128 printable ASCII characters without spaces.`,
  );
}

/**
 * The parsed value of an environment variable. Blank counts as unset, and so does an inherited one (from a polluted
 * `Object.prototype`). Caches the last text, because every request needs the value and parsing would dominate the cost
 * of signing. The caller reads the environment itself, because a lookup by a dynamic name is slow.
 */
export class Variable<T> {
  readonly #env: Env;
  readonly #name: string;
  readonly #check: (value: string, name: string) => T;
  #text: string | undefined;
  #value: T | null = null;

  constructor(env: Env, name: string, check: (value: string, name: string) => T) {
    this.#env = env;
    this.#name = name;
    this.#check = check;
  }

  of(text: string | undefined): T | null {
    if (text !== this.#text) {
      const value = Object.hasOwn(this.#env, this.#name) && cleanText(text);
      this.#value = value ? this.#check(value, this.#name) : null;
      this.#text = text;
    }
    return this.#value;
  }
}
