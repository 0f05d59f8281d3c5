import type { AuthErrorCode } from "@x/auth-core";
import { Changes } from "./changes.ts";
import { StoreContext } from "./context.ts";
import { Database, type QueryOptions } from "./database.ts";
import { storeError } from "./errors.ts";
import { inspect } from "./inspect.ts";
import { parseKeys } from "./keys.ts";
import { describeUrl } from "./location.ts";
import { ownProperties } from "./own.ts";
import { OwnPool } from "./own-pool.ts";
import { prepare } from "./prepare.ts";
import { PrintKey } from "./print-key.ts";
import { ReadAhead } from "./read-ahead.ts";
import { rowKey } from "./refs.ts";
import { reseal } from "./reseal.ts";
import { checkFleet } from "./schema.ts";
import type { RowKey } from "./seal.ts";
import { SeenRows } from "./seen-rows.ts";
import { PostgresTokenStorage } from "./storage.ts";
import { TokenRows, versionOf, versionsIn } from "./token-rows.ts";
import type {
  PostgresStoreEvent,
  PostgresTokenStore,
  PostgresTokenStoreOptions,
  StoreCallOptions,
} from "./types.ts";

/**
 * Stores a fleet's tokens in PostgreSQL 13 or later, sealed with AES-256-GCM; the database never sees the keys.
 * Connects only on the first call.
 *
 * @throws TypeError for invalid options; the message contains neither the URL nor a key
 * @example
 * const store = postgresTokenStore({ url: process.env.STORE_URL, keys: await readKeyFile("/etc/agents/store.key") });
 * await store.prepare();
 * const auth = createAuth({ storage: store.storage({ platformUrl, workspaceId }), platformUrl });
 */
export function postgresTokenStore(options: PostgresTokenStoreOptions): PostgresTokenStore {
  const { url, pool, fleet: name = "heartbeat", keys, onEvent } = ownProperties(options);
  const { timeoutMs = 5_000, pollMs = 5_000 } = ownProperties(options);
  checkMs("timeoutMs", timeoutMs);
  checkMs("pollMs", pollMs);
  if ((url === undefined) === (pool === undefined)) throw new TypeError("Pass either url or pool.");
  const fleet = checkFleet(name);
  const where = url === undefined ? "PostgreSQL" : describeUrl(url);
  const location = `${where}, schema ${fleet}`;
  const parsed = parseKeys(keys);

  const ownPool = url === undefined ? null : new OwnPool(url, timeoutMs);
  const database = new Database(pool ?? (ownPool as OwnPool), {
    timeoutMs,
    ...(ownPool !== null && { session: sessionSettings(timeoutMs) }),
  });
  const context = new StoreContext(database, fleet, parsed);
  const printKey = new PrintKey(context);
  const rows = new TokenRows(context, printKey);
  const emit = async (event: PostgresStoreEvent) => {
    try {
      // Awaited so that an async listener's rejection does not end the process.
      await onEvent?.(event);
    } catch {
      // The listener's own error.
    }
  };
  const changes = new Changes({
    database,
    rows,
    fleet,
    location,
    pollMs,
    emit,
    isOlder: (key, version) => seen.newerThan(key, { history: version }) !== null,
    onNews: (key, version) => readAhead.add(key, version),
    restore: (keys) => restore({ access: "write" }, keys),
  });
  const seen = new SeenRows({
    rows,
    report: (key, version) => changes.report(key, version),
    onRestored: (count) => emit({ type: "tokens-restored", count }),
  });
  const restore = (query: QueryOptions, keys?: readonly RowKey[]) => {
    // The database may be another one, or its tables new.
    if (keys === undefined) printKey.forget();
    return seen.restoreAll(query, keys);
  };
  const parts = { rows, seen, changes, location };
  const readAhead = new ReadAhead({
    isSeen: (key, version) => versionOf(seen.get(key)?.history ?? "") === version,
    read: (key) => new PostgresTokenStorage(parts, key).read(),
  });

  const call = async <T>(
    access: QueryOptions["access"],
    { signal }: StoreCallOptions,
    work: (query: QueryOptions) => Promise<T>,
  ): Promise<T> => {
    if (signal?.aborted) throw signal.reason;
    try {
      return await work({ access, signal });
    } catch (error) {
      if (signal?.aborted && error === signal.reason) throw error;
      const code: AuthErrorCode = access === "read" ? "STORAGE_READ_FAILED" : "STORAGE_WRITE_FAILED";
      throw storeError(error, code, location);
    }
  };

  return {
    location,
    storage: (ref, kind = "auth") => new PostgresTokenStorage(parts, rowKey(ownProperties(ref), kind)),
    prepare: (given = {}) =>
      call("write", ownProperties(given), (query) => prepare(context, printKey, query)),
    inspect: (given = {}) =>
      call("read", ownProperties(given), (query) => inspect(context, { printKey, location, query })),
    restore: (given = {}) => call("write", ownProperties(given), (query) => restore(query)),
    known(ref) {
      const last = seen.get(rowKey(ownProperties(ref), "auth"));
      return last === undefined ? null : { token: last.token, versions: versionsIn(last.history) };
    },
    forget(ref) {
      for (const kind of ["auth", "inbound"] as const) seen.forget(rowKey(ownProperties(ref), kind));
    },
    reseal: (given = {}) => call("write", ownProperties(given), (query) => reseal(context, query)),
    async close() {
      changes.close();
      readAhead.close();
      seen.clear();
      await ownPool?.close();
    },
  };
}

/**
 * Prevents the server from carrying out a statement after its timeout was reported. Sets nothing behind a pooler, where
 * it would apply to other clients.
 */
const sessionSettings = (timeoutMs: number): string =>
  `select set_config('statement_timeout', '${Math.ceil(timeoutMs * 0.9)}', false),
    set_config('lock_timeout', '${Math.ceil(timeoutMs * 0.8)}', false) where pg_backend_pid() = $1::int`;

function checkMs(name: string, ms: number): void {
  if (!(ms >= 100 && ms <= 60_000)) throw new TypeError(`${name} must be 100 to 60,000 milliseconds.`);
}
