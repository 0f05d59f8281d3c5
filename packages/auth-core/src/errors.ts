/**
 * What went wrong, stable across versions: branch on this, never on a message.
 *
 * - `TOKEN_INVALID`: a token is empty, longer than 16 KiB, has a character that a header cannot carry, is plainly
 *   something else that holds a token (a whole header, JSON, quotes), or belongs to another platform
 * - `WORKSPACE_ID_INVALID`: a workspace id is not `^[a-z0-9][a-z0-9-]{0,127}$`
 * - `PLATFORM_URL_INVALID`: not an absolute http(s) URL, or one with credentials, a query or a fragment
 * - `ORG_ID_INVALID`: a tenant id is not 1 to 128 printable ASCII characters without spaces
 * - `WORKSPACES_INVALID`: a list of workspaces has problems; `problems` holds all of them
 * - `PLATFORM_UNKNOWN`: a request cannot be signed, because no platform URL says where the token may go
 * - `REDIRECT_REJECTED`: the platform redirected a signed request to another origin, or the browser hides where to
 * - `STORAGE_READ_FAILED`: something is (or may be) stored, but it cannot be read
 * - `STORAGE_WRITE_FAILED`: a token could not be stored; it is still usable in memory
 * - `STORAGE_CONFLICT`: a received token was not stored, because another one is stored that may be newer; it is still
 *   usable in memory
 */
export type AuthErrorCode =
  | "TOKEN_INVALID"
  | "WORKSPACE_ID_INVALID"
  | "PLATFORM_URL_INVALID"
  | "ORG_ID_INVALID"
  | "WORKSPACES_INVALID"
  | "PLATFORM_UNKNOWN"
  | "REDIRECT_REJECTED"
  | "STORAGE_READ_FAILED"
  | "STORAGE_WRITE_FAILED"
  | "STORAGE_CONFLICT";

/** Marks every `AuthError`, also one from another installed copy of this package. */
const brand = Symbol.for("@x/auth-core/AuthError");

/** Further facts of an error. */
export interface AuthErrorOptions {
  /** What led to it. Not enumerable: JSON leaves it out. */
  readonly cause?: unknown;
  /** Each of the things that are wrong, when there are several. */
  readonly problems?: readonly string[];
}

/**
 * The one error that these packages throw. Its `code` is stable; its message names the thing and the way out,
 * and never holds a token.
 *
 * @example
 * try { await auth.saveToken(token); }
 * catch (error) { if (isAuthError(error) && error.code === "STORAGE_WRITE_FAILED") retryLater(); else throw error; }
 */
export class AuthError extends Error {
  override readonly name = "AuthError";
  readonly code: AuthErrorCode;
  /** Each of the things that are wrong, when there are several: those of a list, with `WORKSPACES_INVALID`. */
  declare readonly problems?: readonly string[];

  constructor(code: AuthErrorCode, message: string, options: AuthErrorOptions = {}) {
    const { problems, ...rest } = options;
    super(message, rest);
    this.code = code;
    if (problems) this.problems = problems;
  }

  get [brand](): true {
    return true;
  }

  /** Holds for an error of another installed copy, too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isAuthError(value);
  }
}

/** True for an `AuthError`, also when it comes from another installed copy of this package. */
export function isAuthError(value: unknown): value is AuthError {
  return (value as Partial<AuthError> | null | undefined)?.[brand] === true;
}

/**
 * An `AuthError` passes as it is. Of any other failure only its name and code are told, here and in the `cause`: its
 * message and its members may quote the secret that it was about (as a JSON parser's do).
 */
export function asAuthError(error: unknown, code: AuthErrorCode, what: string): AuthError {
  if (isAuthError(error)) return error;
  const { name, code: systemCode }: { name?: unknown; code?: unknown } = error instanceof Error ? error : {};
  const kind = [name, systemCode].filter((part) => typeof part === "string").join(" ") || "unknown";
  const cause = Object.assign(new Error(kind), typeof systemCode === "string" && { code: systemCode });
  return new AuthError(code, `${what} (${kind}).`, { cause });
}
