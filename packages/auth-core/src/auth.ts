import type { AuthEvent } from "./events.ts";
import type { AuthHeaders, Env } from "./headers.ts";
import type { Explanation } from "./resolution.ts";
import type { Signal } from "./signal.ts";
import type { TokenSource, TokenStorage } from "./storage.ts";

/** What an `Auth` is made of. */
export interface AuthOptions {
  /** Where the single-workspace token is kept. */
  readonly storage: TokenStorage;
  /**
   * Base URL of the platform. Tokens are for its origin and are sent nowhere else.
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
   * Further sources of a token, asked after the storage, in this order.
   *
   * @default [envTokenSource(env)]
   */
  readonly fallback?: readonly TokenSource[];
  /** Environment variables, read live. @default {} */
  readonly env?: Env;
  /** Called with what happens, without secrets. What it throws is ignored. */
  readonly onEvent?: (event: AuthEvent) => void;
  /**
   * How long a source may take to answer, in milliseconds; then the next one is asked. A save that takes longer
   * fails. More than 0.
   *
   * @default 5000
   */
  readonly sourceTimeoutMs?: number;
}

/** How long a call may take. */
export interface CallOptions {
  /** Ends this call: it rejects with the signal's reason. A read that others wait for goes on. */
  readonly signal?: Signal;
}

/** How a token is saved. */
export interface SaveOptions extends CallOptions {
  /**
   * The bearer token of the request whose answer brought this one (`null`: it had none). Then only what is known to
   * be older is replaced. Left out: whatever is stored is replaced.
   */
  readonly sentWith?: string | null;
  /** Origin of the platform that the token is for. @default that of the configured platform */
  readonly platformOrigin?: string;
}

/** What a recovery is for. */
export interface RecoverOptions extends CallOptions {
  /** The workspace that the rejected headers were for. @default their `X-Workspace-ID`, else none */
  readonly workspaceId?: string;
}

/**
 * A workspace's token: found, kept, and put on requests. Its methods need no `this`.
 *
 * A token is for one platform. All that is remembered is kept for each platform origin, and a token that was used or
 * saved for one is never put on a request to another.
 */
export interface Auth {
  /**
   * The single-workspace token: cached, else received but not stored yet, else stored, else from a fallback; `null`
   * when there is none. The first success is cached. A source that cannot be read, or does not answer in time, is
   * passed over with a `source-failed` event. Rejects only when its signal aborts.
   */
  getToken(options?: CallOptions): Promise<string | null>;
  /**
   * Stores a token, unless that very token is stored already, and uses it from now on. It is in use at once, and
   * stays so in memory when it cannot be stored; saving again tries again. Saves are written in the order of the
   * calls.
   *
   * With `sentWith` only what is known to be older is replaced: nothing, that bearer token, this very token, or one that
   * was rejected. Otherwise the stored one is used first, and this one once that one is rejected.
   *
   * @throws AuthError `TOKEN_INVALID`, `PLATFORM_URL_INVALID`; `STORAGE_WRITE_FAILED`, after `sourceTimeoutMs` at the
   * latest, or twice that behind a save that hangs; with `sentWith` also `STORAGE_CONFLICT`, and `STORAGE_READ_FAILED`
   * when nothing tells what is stored. The signal's reason when it aborts.
   */
  saveToken(token: string, options?: SaveOptions): Promise<void>;
  /** Drops the cached token, asks the sources again, and gives what they hold. Never joins an older read. */
  refreshCache(options?: CallOptions): Promise<string | null>;
  /**
   * Marks a token as rejected by its platform (a 401). Another source's token goes before it from now on; it is
   * used again only when there is nothing better, or when it is saved again. A blank one is ignored.
   */
  rejectToken(token: string): void;
  /** Drops the cached token and the registry. A token that could not be stored yet is kept. */
  clearCache(): void;
  /**
   * Gives a workspace a token, and optionally a platform, of its own. A blank id or token: nothing happens. Another
   * token than before: it takes its place, with a `token-rotated` event.
   *
   * @throws AuthError `WORKSPACE_ID_INVALID`, `TOKEN_INVALID`, `PLATFORM_URL_INVALID`
   */
  registerWorkspaceToken(workspaceId: string, token: string, options?: { platformUrl?: string }): void;
  /** A registered workspace's token; `null` when it has none. */
  getWorkspaceToken(workspaceId: string): string | null;
  /** Ids in order of registration. */
  listRegisteredWorkspaces(): string[];
  /**
   * What goes on a request to the platform: `Origin`, `Authorization`, `X-Molecule-Org-Id`, each only if there is
   * one. A fresh object each time. No token is no error: a workspace without one may register.
   *
   * They are for that `Origin` only. An interceptor that signs requests to any URL uses `withAuth`, which compares.
   *
   * @param workspaceId that workspace's token and platform; one that is not registered gets the single-workspace
   * token, like none or a blank one
   * @throws AuthError `WORKSPACE_ID_INVALID`, `PLATFORM_URL_INVALID`, `ORG_ID_INVALID`
   */
  authHeaders(workspaceId?: string | null, options?: CallOptions): Promise<AuthHeaders>;
  /**
   * `authHeaders` and `X-Workspace-ID`: for what a workspace's own runtime posts to an A2A endpoint. Without it the
   * platform takes the message for one that a person typed.
   *
   * @throws AuthError as `authHeaders`
   */
  selfSourceHeaders(workspaceId: string, options?: CallOptions): Promise<AuthHeaders>;
  /**
   * Headers worth one more try after a 401, or `null` when there are none. When another token came into use
   * meanwhile, they carry that one. Else the rejected token is marked and the sources are asked again, once for
   * however many requests were rejected with it. Never headers for another platform.
   *
   * @param refused the headers of the request that was answered with 401
   * @throws AuthError as `authHeaders`
   */
  recover(refused: AuthHeaders, options?: RecoverOptions): Promise<AuthHeaders | null>;
  /**
   * The origin that this token may be sent to: that of the workspace's platform URL, else of the configured platform;
   * `null` when there is neither.
   *
   * @throws AuthError `WORKSPACE_ID_INVALID`, `PLATFORM_URL_INVALID`
   */
  platformOrigin(workspaceId?: string | null): string | null;
  /**
   * The base URL that belongs to `platformOrigin`, without a slash at the end.
   *
   * @throws AuthError `WORKSPACE_ID_INVALID`, `PLATFORM_URL_INVALID`
   */
  platformUrl(workspaceId?: string | null): string | null;
  /** Which source the token comes from, and what each of the others holds. Without secrets. Changes nothing. */
  explain(workspaceId?: string | null, options?: CallOptions): Promise<Explanation>;
  /**
   * Follows the storage: when it changes, the cached token is dropped. Does nothing for a storage that cannot watch.
   *
   * @returns unsubscribe; aborting the signal does the same
   */
  watch(options?: CallOptions): () => void;
}
