import type { AccessOptions, TokenStorage } from "@x/auth-core";
import { promisifyRequest } from "idb-keyval";
import { openStore } from "./indexed-db.ts";
import { keyFor } from "./keys.ts";
import { announce, listen } from "./notices.ts";
import { own } from "./own.ts";
import { readError, writeError } from "./storage-errors.ts";

/** Which database an `indexedDbTokenStorage` keeps its tokens in, and under which key. */
export interface IndexedDbTokenStorageOptions {
  /** A database of its own, created when missing. @default "workspace-auth" */
  readonly database?: string;
  /** Under which key in it; the platform's origin is added to it. @default "token" */
  readonly key?: string;
}

/**
 * Keeps a token for each platform in IndexedDB: for pages, workers and service workers of this origin alike, until the
 * user clears it. Any script of the origin can read it. Reads and writes take at most five seconds.
 *
 * `watch` reports changes by any object with the same database and key, in this tab or another, a worker or a service
 * worker. A token of the first layout, under the plain key, goes to the first platform that reads it.
 *
 * @returns a storage that rejects with `AuthError` `STORAGE_READ_FAILED` or `STORAGE_WRITE_FAILED` where IndexedDB is
 * blocked, missing, full, or held by another tab's upgrade
 * @example
 * const storage = indexedDbTokenStorage({ database: "my-app-token" });
 */
export function indexedDbTokenStorage(options: IndexedDbTokenStorageOptions = {}): TokenStorage {
  const { database = "workspace-auth", key = "token" } = own(options);
  const location = `IndexedDB "${database}", key "${key}"`;

  /** One transaction. What another tab does comes before it or after it. */
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

  /** The platform's token, and the key that it is under. */
  async function find(store: IDBObjectStore, mine: string): Promise<[string | null, string]> {
    for (const place of [mine, key]) {
      const text: string | undefined = await promisifyRequest(store.get(place));
      if (text !== undefined) return [text, place];
    }
    return [null, mine];
  }

  async function put(store: IDBObjectStore, mine: string, token: string, place: string): Promise<void> {
    store.put(token, mine);
    if (place !== mine) store.delete(place);
    await promisifyRequest(store.transaction);
  }

  return {
    location,
    async read(access) {
      const [text, place] = await within("readonly", access, find);
      if (text === null || place === keyFor(key, access)) return text;
      // Of the first layout. Where there is no room it can still be used.
      await within("readwrite", access, async (store, mine) => {
        const [now, where] = await find(store, mine);
        if (now !== null) await put(store, mine, now, where);
      }).catch(() => access?.signal?.throwIfAborted());
      return text;
    },
    async write(token, access) {
      await within("readwrite", access, async (store, mine) => {
        const [, place] = await find(store, mine);
        await put(store, mine, token, place);
      });
      announce(location);
    },
    async replace(expected, token, access) {
      const replaced = await within("readwrite", access, async (store, mine) => {
        const [text, place] = await find(store, mine);
        if (text !== expected) return false;
        await put(store, mine, token, place);
        return true;
      });
      if (replaced) announce(location);
      return replaced;
    },
    async remove(access) {
      await within("readwrite", access, async (store, mine) => {
        const [, place] = await find(store, mine);
        store.delete(place);
        await promisifyRequest(store.transaction);
      });
      announce(location);
    },
    probe: (access) =>
      within("readwrite", access, async (store) => {
        const place = `${key}.probe`;
        store.put("x".repeat(100), place);
        store.delete(place);
        await promisifyRequest(store.transaction);
      }),
    watch: (changed, access) => listen(location, changed, access?.signal),
  };
}
