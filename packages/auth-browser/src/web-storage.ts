import type { TokenStorage } from "@x/auth-core";
import { announce, listen } from "./notices.ts";
import { readError, writeError } from "./storage-errors.ts";

/** The part of the DOM's `Storage` that is used. */
export interface WebStorage {
  /** What is stored under the key; `null` when nothing is. */
  getItem(key: string): string | null;
  /** Stores under the key; throws when it cannot. */
  setItem(key: string, value: string): void;
}

/** Which Web Storage a `webTokenStorage` keeps its token in, and under which key. */
export interface WebTokenStorageOptions {
  /**
   * `sessionStorage` or `localStorage`; better a function that gives it, because where site data is blocked the mere
   * mention of it throws.
   */
  readonly storage: WebStorage | (() => WebStorage);
  /** Under which key. Default: `workspace-auth-token`. */
  readonly key?: string;
}

/**
 * Keeps a token in `sessionStorage` (this tab, as long as it is open) or `localStorage` (all tabs of this origin,
 * until somebody clears it). Any script of the origin can read either. Not in workers: there is no Web Storage there.
 *
 * `watch` tells of changes by other tabs (the `storage` event) and by other objects of this tab.
 *
 * @returns a storage that rejects with `AuthError` `STORAGE_READ_FAILED` or `STORAGE_WRITE_FAILED` where storage is
 * blocked, missing or full
 * @example
 * const storage = webTokenStorage({ storage: () => sessionStorage });
 */
export function webTokenStorage({
  storage,
  key = "workspace-auth-token",
}: WebTokenStorageOptions): TokenStorage {
  const location = `Web Storage, key "${key}"`;
  const area = () => (typeof storage === "function" ? storage() : storage);
  return {
    location,
    async read() {
      try {
        return area().getItem(key);
      } catch (failure) {
        throw readError(location, failure);
      }
    },
    async write(token) {
      try {
        area().setItem(key, token);
      } catch (failure) {
        throw writeError(location, failure);
      }
      announce(location);
    },
    watch(changed) {
      // Also for other kinds of Web Storage with such a key: a needless look does no harm.
      const stored = (event: StorageEvent) => {
        // No key: all of them were cleared.
        if (event.key === key || event.key === null) changed();
      };
      const stop = listen(location, changed);
      globalThis.addEventListener?.("storage", stored);
      return () => {
        stop();
        globalThis.removeEventListener?.("storage", stored);
      };
    },
  };
}
