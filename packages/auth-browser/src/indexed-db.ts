import { promisifyRequest, type UseStore } from "idb-keyval";

const STORE = "tokens";

/** The time limit of an operation, which usually takes a few milliseconds; a blocked database never answers. */
const LIMIT_MS = 5_000;

/**
 * A store for idb-keyval's functions. Unlike the library's own store, it opens the database for each operation, because
 * an open connection blocks other tabs from upgrading or deleting it; it uses strict durability, because a lost token
 * cannot be fetched again; and it ends at the time limit or on an abort, leaving nothing in flight.
 */
export function openStore(
  database: string,
  { limitMs = LIMIT_MS, signal }: { limitMs?: number; signal?: AbortSignal | undefined } = {},
): UseStore {
  return async (mode, use) => {
    signal?.throwIfAborted();
    const limit = new AbortController();
    const abort = () => limit.abort(signal?.reason);
    signal?.addEventListener("abort", abort);
    const timer = setTimeout(() => limit.abort(new DOMException("", "TimeoutError")), limitMs);
    try {
      const connection = await connect(database, limit.signal);
      try {
        const transaction = connection.transaction(STORE, mode, { durability: "strict" });
        limit.signal.onabort = () => {
          try {
            transaction.abort();
          } catch {
            // It is being committed.
          }
        };
        return await use(transaction.objectStore(STORE));
      } finally {
        limit.signal.onabort = null;
        connection.close();
      }
    } catch (failure) {
      throw limit.signal.aborted ? limit.signal.reason : failure;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  };
}

/**
 * Rejects when the signal aborts; a connection that opens later is closed immediately, because it would block others.
 */
function connect(database: string, limit: AbortSignal): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    limit.onabort = reject;
    const request = indexedDB.open(database);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    promisifyRequest(request).then((connection) => {
      if (limit.aborted) connection.close();
      else resolve(connection);
    }, reject);
  });
}
