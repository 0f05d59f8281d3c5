import type { AccessOptions, TokenStorage } from "@x/auth-core";
import { promisifyRequest } from "idb-keyval";
import { announce, listen } from "./announcements.ts";
import { openStore } from "./indexed-db.ts";
import { keyFor } from "./keys.ts";
import { own } from "./own.ts";
import { readError, writeError } from "./storage-errors.ts";

/** Options of `indexedDbTokenStorage`. */
export interface IndexedDbTokenStorageOptions {
  /** The database, created if missing and used for nothing else. @default "workspace-auth" */
  readonly database?: string;
  /** The key, to which the platform's origin is appended. @default "token" */
  readonly key?: string;
}

/**
 * Stores a token per platform in IndexedDB, for all pages, workers and service workers of this origin, until the user
 * clears it. Any script of the origin can read it. Reads and writes time out after five seconds.
 *
 * `watch` reports changes by any object with the same database and key, in any tab or worker. A token of the first
 * layout, under the plain key, is migrated to the first platform that reads it.
 *
 * @returns a storage that rejects with `AuthError` `STORAGE_READ_FAILED` or `STORAGE_WRITE_FAILED` if IndexedDB is
 * blocked, missing, full, or locked by another tab's upgrade
 * @example
 * const storage = indexedDbTokenStorage({ database: "my-app-token" });
 */
export function indexedDbTokenStorage(options: IndexedDbTokenStorageOptions = {}): TokenStorage {
  const { database = "workspace-auth", key = "token" } = own(options);
  const location = `IndexedDB "${database}", key "${key}"`;

  /** Runs one transaction, which is isolated from other tabs. */
  async function within<T>(
    mode: IDBTransactionMode,
    access: AccessOptions | undefined,
    use: (store: IDBObjectStore, mine: string) => Promise<T>,
  ): Promise<T> {
    const signal = access?.signal;
    try {
      return await openStore(database, { signal })(mode, (store) => use(store, keyFor(key, access)));
    } catch (failure) {
      if (signal?.aborted) throw signal.reason;
      throw mode === "readonly" ? readError(location, failure) : writeError(location, failure);
    }
  }

  /** The platform's token and its key. */
  async function find(store: IDBObjectStore, mine: string): Promise<[string | null, string]> {
    for (const storedKey of [mine, key]) {
      const text: string | undefined = await promisifyRequest(store.get(storedKey));
      if (text !== undefined) return [text, storedKey];
    }
    return [null, mine];
  }

  async function put(store: IDBObjectStore, mine: string, token: string, storedKey: string): Promise<void> {
    store.put(token, mine);
    if (storedKey !== mine) store.delete(storedKey);
    await promisifyRequest(store.transaction);
  }

  return {
    location,
    async read(access) {
      const [text, storedKey] = await within("readonly", access, find);
      if (text === null || storedKey === keyFor(key, access)) return text;
      // A token of the first layout, which can be used even if there is no space to migrate it.
      await within("readwrite", access, async (store, mine) => {
        const [now, where] = await find(store, mine);
        if (now !== null) await put(store, mine, now, where);
      }).catch(() => access?.signal?.throwIfAborted());
      return text;
    },
    async write(token, access) {
      await within("readwrite", access, async (store, mine) => {
        const [, storedKey] = await find(store, mine);
        await put(store, mine, token, storedKey);
      });
      announce(location);
    },
    async replace(expected, token, access) {
      const replaced = await within("readwrite", access, async (store, mine) => {
        const [text, storedKey] = await find(store, mine);
        if (text !== expected) return false;
        await put(store, mine, token, storedKey);
        return true;
      });
      if (replaced) announce(location);
      return replaced;
    },
    async remove(access) {
      await within("readwrite", access, async (store, mine) => {
        const [, storedKey] = await find(store, mine);
        store.delete(storedKey);
        await promisifyRequest(store.transaction);
      });
      announce(location);
    },
    probe: (access) =>
      within("readwrite", access, async (store) => {
        const probeKey = `${key}.probe`;
        store.put("x".repeat(100), probeKey);
        store.delete(probeKey);
        await promisifyRequest(store.transaction);
      }),
    watch: (changed, access) => listen(location, changed, access?.signal),
  };
}
