import type { AuthEvent } from "./events.ts";
import type { AuthHeaders, Env } from "./headers.ts";
import type { Explanation } from "./resolution.ts";
import type { Signal } from "./signal.ts";
import type { TokenSource, TokenStorage } from "./storage.ts";

/** Options of `createAuth`. */
export interface AuthOptions {
  /** Stores the single-workspace token. */
  readonly storage: TokenStorage;
  /**
   * Base URL of the platform. Tokens are sent only to its origin.
   *
   * @default the environment variable `PLATFORM_URL`, read live
   */
  readonly platformUrl?: string;
  /**
   * Tenant id, sent as `X-Molecule-Org-Id`.
   *
   * @default `MOLECULE_ORG_ID`, else `MOLECULE_ORGANIZATION_ID`, read live
   */
  readonly orgId?: string;
  /**
   * Further token sources, tried in order after the storage.
   *
   * @default [envTokenSource(env)]
   */
  readonly fallback?: readonly TokenSource[];
  /** Environment variables, read live. @default {} */
  readonly env?: Env;
  /** Receives events, which hold no secrets. Errors it throws are ignored. */
  readonly onEvent?: (event: AuthEvent) => void;
  /**
   * How long to wait for a source, in milliseconds, before trying the next one, and for a save before it fails. More
   * than 0.
   *
   * @default 5000
   */
  readonly sourceTimeoutMs?: number;
}

/** Options of every call. */
export interface CallOptions {
  /** Aborts this call, which rejects with the signal's reason. A read shared with other callers continues. */
  readonly signal?: Signal | undefined;
}

/** Options of `saveToken`. */
export interface SaveOptions extends CallOptions {
  /**
   * The bearer token of the request whose response contained the new token (`null`: it had none). The new token then
   * replaces the stored one only if that is known to be older. Left out: it always replaces the stored one.
   */
  readonly sentWith?: string | null;
  /** Origin of the token's platform. @default the configured platform's */
  readonly platformOrigin?: string;
}

/** Options of `recover`. */
export interface RecoverOptions extends CallOptions {
  /** The workspace that the rejected headers were for. @default their `X-Workspace-ID`, if any */
  readonly workspaceId?: string | undefined;
}

/**
 * Finds and stores a workspace's token, and signs requests with it. Its methods need no `this`.
 *
 * A token belongs to one platform. All state is kept per platform origin, and a token that was used or saved for one
 * platform is never sent to another.
 */
export interface Auth {
  /**
   * The single-workspace token from the cache, an unfinished save, the storage or a fallback, in this order; `null` if
   * there is none. The first token found is cached. A source that fails or does not answer in time is skipped, with a
   * `source-failed` event. Rejects only when the signal aborts.
   */
  getToken(options?: CallOptions): Promise<string | null>;
  /**
   * Stores a token, unless it is stored already, and uses it from now on: immediately, and from memory if it cannot be
   * stored. To retry a failed write, save the token again. Saves are written in the order of the calls.
   *
   * With `sentWith`, it replaces only what is known to be older: that bearer token, the same token, or a rejected one.
   * Otherwise the stored token is used first, and this one once the stored one has been rejected.
   *
   * @throws AuthError `TOKEN_INVALID`, `PLATFORM_URL_INVALID`; `STORAGE_WRITE_FAILED`, after at most
   * `sourceTimeoutMs`, or twice that behind a save that hangs; with `sentWith` also `STORAGE_CONFLICT`, and
   * `STORAGE_READ_FAILED` if the stored token cannot be determined. The signal's reason when it aborts.
   */
  saveToken(token: string, options?: SaveOptions): Promise<void>;
  /** Drops the cached token and reads the sources again. Never joins an earlier read. */
  refreshCache(options?: CallOptions): Promise<string | null>;
  /**
   * Marks a token as rejected by its platform (401). Tokens from other sources are then preferred; a rejected token is
   * used again only if there is no other, or after it is saved again. Ignores a blank token.
   */
  rejectToken(token: string): void;
  /** Clears the cached token and the registry, but not a token that could not be stored. */
  clearCache(): void;
  /**
   * Registers a token, and optionally a platform, for a workspace. A blank id or token is ignored. A different token
   * replaces the registered one and emits `token-rotated`.
   *
   * @throws AuthError `WORKSPACE_ID_INVALID`, `TOKEN_INVALID`, `PLATFORM_URL_INVALID`
   */
  registerWorkspaceToken(workspaceId: string, token: string, options?: { platformUrl?: string }): void;
  /** A registered workspace's token, or `null`. */
  getWorkspaceToken(workspaceId: string): string | null;
  /** The registered ids, in order of registration. */
  listRegisteredWorkspaces(): string[];
  /**
   * The headers for a request to the platform: `Origin`, `Authorization` and `X-Molecule-Org-Id`, each only if there is
   * a value. A new object on each call. A missing token is no error: a workspace without one may register.
   *
   * Send them to that `Origin` only. An interceptor for requests to any URL should use `withAuth`, which checks the URL.
   *
   * @param workspaceId the workspace whose token and platform to use. Unregistered, blank or missing: the
   * single-workspace token
   * @throws AuthError `WORKSPACE_ID_INVALID`, `PLATFORM_URL_INVALID`, `ORG_ID_INVALID`
   */
  authHeaders(workspaceId?: string | null, options?: CallOptions): Promise<AuthHeaders>;
  /**
   * `authHeaders` plus `X-Workspace-ID`: for messages that a workspace's own runtime posts to an A2A endpoint. Without
   * this header, the platform treats the message as typed by a person.
   *
   * @throws AuthError as `authHeaders`
   */
  selfSourceHeaders(workspaceId: string, options?: CallOptions): Promise<AuthHeaders>;
  /**
   * Headers for one retry after a 401, or `null` if there is no other token. If another token has come into use since
   * the request, the headers carry that one. Otherwise the rejected token is marked and the sources are read again,
   * once for all requests rejected with it. Never returns headers for another platform.
   *
   * @param rejected the headers of the request that got the 401
   * @throws AuthError as `authHeaders`
   */
  recover(rejected: AuthHeaders, options?: RecoverOptions): Promise<AuthHeaders | null>;
  /**
   * The origin that this token may be sent to: that of the workspace's own platform, else of the configured platform;
   * `null` if there is neither.
   *
   * @throws AuthError `WORKSPACE_ID_INVALID`, `PLATFORM_URL_INVALID`
   */
  platformOrigin(workspaceId?: string | null): string | null;
  /**
   * The base URL for `platformOrigin`, without a trailing slash.
   *
   * @throws AuthError `WORKSPACE_ID_INVALID`, `PLATFORM_URL_INVALID`
   */
  platformUrl(workspaceId?: string | null): string | null;
  /** Which source the token comes from, and what the others hold, without secrets. Changes nothing. */
  explain(workspaceId?: string | null, options?: CallOptions): Promise<Explanation>;
  /**
   * Drops the cached token when the storage changes. Does nothing if the storage has no `watch`.
   *
   * @returns unsubscribe; aborting the signal does the same
   */
  watch(options?: CallOptions): () => void;
}
