import type { AuthError, Signal, TokenStorage } from "@x/auth-core";
import type { PostgresPool } from "./client.ts";
import type { SecretKind, StoreRef } from "./refs.ts";

/** Options of `postgresTokenStore`. Requires `url` or `pool`. */
export interface PostgresTokenStoreOptions {
  /**
   * The database's URL, as `pg` accepts it. The store then opens five connections, one of them for notifications. Parts
   * missing from the URL come from the usual environment variables: `PGPASSWORD`, `PGPASSFILE`, `PGSSLMODE` and so on.
   */
  readonly url?: string;
  /**
   * A `pg` pool to use instead, with at least two connections: while there are watchers, one of them listens. The
   * caller closes it.
   */
  readonly pool?: PostgresPool;
  /**
   * Name of the fleet, used as the schema's name. 1 to 48 of `a-z`, `0-9`, `_` and `-`, the first a letter.
   *
   * @default "heartbeat"
   */
  readonly fleet?: string;
  /** Keys of 32 bytes in base64url: the first one encrypts, all of them decrypt. See `readKeyFile`. */
  readonly keys: readonly string[];
  /**
   * Time limit of a statement, including the wait for a connection, in milliseconds: 100 to 60,000. At most half of it is
   * spent waiting.
   *
   * @default 5000
   */
  readonly timeoutMs?: number;
  /**
   * How often to poll for changes by other processes, in milliseconds: 100 to 60,000. Changes are usually announced
   * immediately; polling finds them where the server does not announce them, as behind PgBouncer.
   *
   * @default 5000
   */
  readonly pollMs?: number;
  /** Receives events about the connection, without secrets. Errors it throws are ignored. */
  readonly onEvent?: (event: PostgresStoreEvent) => void;
}

/** Events of a store; those of its connection only while it is watched. */
export type PostgresStoreEvent =
  /** The database cannot be polled for changes. Emitted once until it can again. */
  | { readonly type: "store-lost"; readonly error: AuthError }
  /** It is reachable again, or for the first time. Watchers are notified of changes made in the meantime. */
  | { readonly type: "store-reached" }
  /** Changes are not announced, only found by polling. Emitted once until they are announced again. */
  | { readonly type: "announcements-lost"; readonly error: AuthError }
  /** Changes are announced. */
  | { readonly type: "announcements-reached" }
  /** The database had lost tokens or secrets that this process knew, as after a failover. They are stored again. */
  | { readonly type: "tokens-restored"; readonly count: number };

/**
 * Problems that prevent storing tokens reliably:
 *
 * - `SERVER_TOO_OLD`: the server is older than PostgreSQL 13
 * - `FSYNC_OFF`: the server may lose acknowledged writes
 * - `IN_RECOVERY`: the server is a standby and accepts no writes
 * - `ACCESS_DENIED`: the server denies this user access, or access to this database
 * - `NOT_PREPARED`: there is no table (see `prepare`), or it was set up by another version
 * - `PERMISSION_MISSING`: this user may not read or write the table
 * - `KEY_WRONG`: none of the keys opens the stored tokens, or they were altered
 */
export type StoreProblemCode =
  | "SERVER_TOO_OLD"
  | "FSYNC_OFF"
  | "IN_RECOVERY"
  | "ACCESS_DENIED"
  | "NOT_PREPARED"
  | "PERMISSION_MISSING"
  | "KEY_WRONG";

/** A problem to fix. */
export interface StoreProblem {
  /** The kind of problem. */
  readonly code: StoreProblemCode;
  /** A sentence for people, with what to do. */
  readonly message: string;
}

/** The result of inspecting a store. */
export interface StoreInspection {
  /** The server's version, like `18.4`. */
  readonly serverVersion: string;
  /** How many workspaces have a token here; `null` if it cannot be read. */
  readonly tokens: number | null;
  /** Problems to fix before storing tokens here; empty if there are none. */
  readonly problems: readonly StoreProblem[];
}

/** A workspace's token as a process last saw it. */
export interface KnownToken {
  /** `null`: it was removed. */
  readonly token: string | null;
  /** Opaque versions of the row: its own first, then those that it replaced, at most 15. */
  readonly versions: readonly string[];
}

/** Options of every call. */
export interface StoreCallOptions {
  /** Aborts the call. A write that was already sent is still waited for, within `timeoutMs`. */
  readonly signal?: Signal | undefined;
}

/**
 * A fleet's tokens, sealed in PostgreSQL. All calls reject with an `AuthError` (`STORAGE_READ_FAILED`,
 * `STORAGE_WRITE_FAILED`) or the signal's reason. No error contains a token, a key, or the URL's password.
 */
export interface PostgresTokenStore {
  /** The database and the schema, for people. */
  readonly location: string;
  /**
   * The storage of a workspace's token; or (`inbound`) of the secret that the platform sends when it calls the
   * workspace. Cheap: create one whenever needed. What it reads and stores is remembered: if the database fails over to
   * a copy that lacks it, the next read stores it again.
   *
   * @throws AuthError `PLATFORM_URL_INVALID`, `WORKSPACE_ID_INVALID`
   */
  storage(ref: StoreRef, kind?: SecretKind): Required<TokenStorage>;
  /**
   * Creates the schema and its table if missing. Requires the right to create a schema; everything else requires only
   * USAGE on it and SELECT, INSERT and UPDATE on the table.
   */
  prepare(options?: StoreCallOptions): Promise<void>;
  /**
   * Finds problems: a missing schema or permission, wrong keys, a server that may lose acknowledged writes, a standby.
   * Rejects if the server is unreachable.
   */
  inspect(options?: StoreCallOptions): Promise<StoreInspection>;
  /**
   * Stores again what this process has read or stored and the database has lost: rows that are missing, or hold a
   * version that this process has seen replaced. Changes nothing else. One query if nothing is lost. A watched store
   * does this itself after the server restarts or is replaced by another one.
   *
   * @returns how many rows were restored
   */
  restore(options?: StoreCallOptions): Promise<number>;
  /**
   * What this process last read or stored for the workspace; `null`: nothing.
   *
   * @throws AuthError `PLATFORM_URL_INVALID`, `WORKSPACE_ID_INVALID`
   */
  known(ref: StoreRef): KnownToken | null;
  /**
   * Forgets what was read and stored for a workspace, so that it is not restored.
   *
   * @throws AuthError `PLATFORM_URL_INVALID`, `WORKSPACE_ID_INVALID`
   */
  forget(ref: StoreRef): void;
  /**
   * Re-encrypts with the first key every row that was encrypted with another one.
   *
   * @returns the number of those rows
   */
  reseal(options?: StoreCallOptions): Promise<number>;
  /** Ends watches and connections within two seconds. May be called twice. */
  close(): Promise<void>;
}
