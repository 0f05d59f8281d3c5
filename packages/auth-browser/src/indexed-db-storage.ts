import type { TokenStorage } from "@x/auth-core";
import { get, set } from "idb-keyval";
import { openStore } from "./indexed-db.ts";
import { announce, listen } from "./notices.ts";
import { readError, writeError } from "./storage-errors.ts";

/** Which database an `indexedDbTokenStorage` keeps its token in, and under which key. */
export interface IndexedDbTokenStorageOptions {
  /** A database of its own, created when missing. Default: `workspace-auth`. */
  readonly database?: string;
  /** Under which key in it. Default: `token`. */
  readonly key?: string;
}

/**
 * Keeps a token in IndexedDB: for pages, workers and service workers of this origin alike, until somebody clears it.
 * Any script of the origin can read it. Reads and writes take at most five seconds.
 *
 * `watch` tells of changes by whatever uses this storage too, in this tab or another, a worker or a service worker.
 *
 * @returns a storage that rejects with `AuthError` `STORAGE_READ_FAILED` or `STORAGE_WRITE_FAILED` where IndexedDB is
 * blocked, missing, full, or held by another tab's upgrade
 * @example
 * const storage = indexedDbTokenStorage({ database: "my-app-token" });
 */
export function indexedDbTokenStorage(options: IndexedDbTokenStorageOptions = {}): TokenStorage {
  const { database = "workspace-auth", key = "token" } = options;
  const location = `IndexedDB "${database}", key "${key}"`;
  const store = openStore(database);
  return {
    location,
    async read() {
      try {
        return (await get<string>(key, store)) ?? null;
      } catch (failure) {
        throw readError(location, failure);
      }
    },
    async write(token) {
      try {
        await set(key, token, store);
      } catch (failure) {
        throw writeError(location, failure);
      }
      announce(location);
    },
    watch: (changed) => listen(location, changed),
  };
}
