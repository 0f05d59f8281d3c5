/**
 * What went wrong, stable across versions. Branch on the code, never on the message.
 *
 * - `TOKEN_INVALID`: a token is empty, longer than 16 KiB, contains a character that a header cannot carry, is
 *   something that contains a token (a whole header, JSON, quotes), or belongs to another platform
 * - `WORKSPACE_ID_INVALID`: a workspace id does not match `^[a-z0-9][a-z0-9-]{0,127}$`
 * - `PLATFORM_URL_INVALID`: not an absolute http(s) URL, or one with credentials, a query or a fragment
 * - `ORG_ID_INVALID`: a tenant id is not 1 to 128 printable ASCII characters without spaces
 * - `WORKSPACES_INVALID`: a list of workspaces has problems; `problems` lists all of them
 * - `PLATFORM_UNKNOWN`: a request cannot be signed because no platform URL is configured
 * - `REDIRECT_REJECTED`: the platform redirected a signed request to another origin, or the browser hides the target
 * - `STORAGE_READ_FAILED`: the storage cannot be read, so whether it holds a token is unknown
 * - `STORAGE_WRITE_FAILED`: a token could not be stored; it remains usable in memory
 * - `STORAGE_CONFLICT`: a received token was not stored, because the storage holds another one that may be newer; it is
 *   used if that one is rejected
 * - `OPTIONS_INVALID`: options are invalid; `problems` lists all problems
 * - `TOKEN_REJECTED`: the platform rejects every token that the configured sources hold
 * - `WORKSPACE_REMOVED`: the platform has removed the workspace
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
  | "STORAGE_CONFLICT"
  | "OPTIONS_INVALID"
  | "TOKEN_REJECTED"
  | "WORKSPACE_REMOVED";

/** Brands every `AuthError`, across installed copies of this package. */
const brand = Symbol.for("@x/auth-core/AuthError");

/** Options of an `AuthError`. */
export interface AuthErrorOptions {
  /** The underlying error. Not enumerable, so JSON omits it. */
  readonly cause?: unknown;
  /** Every problem, when there can be several. */
  readonly problems?: readonly string[];
}

/**
 * The error class of these packages. Its `code` is stable. Its message says what is wrong and what to do, and never
 * contains a token.
 *
 * @example
 * try { await auth.saveToken(token); }
 * catch (error) { if (isAuthError(error) && error.code === "STORAGE_WRITE_FAILED") retryLater(); else throw error; }
 */
export class AuthError extends Error {
  override readonly name = "AuthError";
  declare readonly code: AuthErrorCode;
  /** Every problem found: with `WORKSPACES_INVALID` and `OPTIONS_INVALID`. */
  declare readonly problems?: readonly string[];

  constructor(code: AuthErrorCode, message: string, options: AuthErrorOptions = {}) {
    super(message, options);
    this.code = code;
    if (options.problems) this.problems = options.problems;
  }

  get [brand](): true {
    return true;
  }

  /** True for errors from another installed copy, too. A subclass has only its own instances. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a subclass inherits this method.
    return this === AuthError ? isAuthError(value) : super[Symbol.hasInstance](value);
  }
}

/** True for an `AuthError`, including one from another installed copy of this package. */
export function isAuthError(value: unknown): value is AuthError {
  return (value as Partial<AuthError> | null | undefined)?.[brand] === true;
}

/**
 * Returns an `AuthError` unchanged. Of any other error, the message and the `cause` keep only its name and code, each if
 * it is a word shorter than a token: all else may quote a secret (as a JSON parser's message does).
 */
export function asAuthError(error: unknown, code: AuthErrorCode, what: string): AuthError {
  if (isAuthError(error)) return error;
  const { name, code: systemCode }: { name?: unknown; code?: unknown } = error instanceof Error ? error : {};
  const parts = [name, systemCode].filter((part) => typeof part === "string" && /^\w{1,40}$/.test(part));
  const kind = parts.join(" ") || "unknown";
  const cause = Object.assign(new Error(kind), parts.includes(systemCode) && { code: systemCode });
  return new AuthError(code, `${what} (${kind}).`, { cause });
}
