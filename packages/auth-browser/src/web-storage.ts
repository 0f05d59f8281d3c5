import type { AccessOptions, TokenStorage } from "@x/auth-core";
import { announce, listen } from "./announcements.ts";
import { keyFor } from "./keys.ts";
import { own } from "./own.ts";
import { readError, writeError } from "./storage-errors.ts";

/** The part of the DOM's `Storage` that is used. */
export interface WebStorage {
  /** The value of the key; `null` if there is none. */
  getItem(key: string): string | null;
  /** Stores a value; throws if it cannot. */
  setItem(key: string, value: string): void;
  /** Removes the key. */
  removeItem(key: string): void;
}

/** Options of `webTokenStorage`. */
export interface WebTokenStorageOptions {
  /**
   * `sessionStorage` or `localStorage`; preferably a function that returns it, because merely accessing it throws if
   * site data is blocked.
   */
  readonly storage: WebStorage | (() => WebStorage);
  /** The key, to which the platform's origin is appended. @default "workspace-auth-token" */
  readonly key?: string;
}

/**
 * Stores a token per platform in `sessionStorage` (this tab, as long as it is open) or `localStorage` (all tabs of this
 * origin, until the user clears it). Any script of the origin can read either. Workers have no Web Storage.
 *
 * `watch` reports changes by other tabs (the `storage` event) and by other objects in this tab. `replace` is exclusive
 * across tabs with Web Locks; without them it only compares. A token of the first layout, under the plain key, is
 * migrated to the first platform that reads it.
 *
 * @returns a storage that rejects with `AuthError` `STORAGE_READ_FAILED` or `STORAGE_WRITE_FAILED` if storage is
 * blocked, missing or full
 * @example
 * const storage = webTokenStorage({ storage: () => sessionStorage });
 */
export function webTokenStorage(options: WebTokenStorageOptions): TokenStorage {
  const { storage, key = "workspace-auth-token" } = own(options);
  const location = `Web Storage, key "${key}"`;
  const area = () => (typeof storage === "function" ? storage() : storage);

  async function change<T>(access: AccessOptions | undefined, make: (store: WebStorage, mine: string) => T) {
    access?.signal?.throwIfAborted();
    try {
      return make(area(), keyFor(key, access));
    } catch (failure) {
      throw writeError(location, failure);
    }
  }

  /** A platform's token; one of the first layout is migrated to it. A stand-in for a storage may say `undefined`. */
  function get(store: WebStorage, mine: string): string | null {
    const text = store.getItem(mine) ?? null;
    if (text !== null || mine === key) return text;
    const plain = store.getItem(key) ?? null;
    try {
      if (plain !== null) put(store, mine, plain);
      store.removeItem(key);
    } catch {
      // No space to migrate it; it is used in place.
    }
    return plain;
  }

  return {
    location,
    async read(access) {
      access?.signal?.throwIfAborted();
      try {
        return get(area(), keyFor(key, access));
      } catch (failure) {
        throw readError(location, failure);
      }
    },
    async write(token, access) {
      await change(access, (store, mine) => {
        get(store, mine);
        put(store, mine, token);
      });
      announce(location);
    },
    async replace(expected, token, access) {
      const replaced = await exclusively(location, access?.signal, () =>
        change(access, (store, mine) => {
          const same = get(store, mine) === expected;
          if (same) put(store, mine, token);
          return same;
        }),
      );
      if (replaced) announce(location);
      return replaced;
    },
    async remove(access) {
      await change(access, (store, mine) => {
        get(store, mine);
        store.removeItem(mine);
      });
      announce(location);
    },
    probe: (access) =>
      change(access, (store) => {
        const probeKey = `${key}.probe`;
        put(store, probeKey, "x".repeat(100));
        store.removeItem(probeKey);
      }),
    watch(changed, access) {
      // Also fires for another kind of Web Storage with the same key: a needless read does no harm.
      const stored = (event: StorageEvent) => {
        // No key: everything was cleared.
        if (event.key === null || event.key === key || event.key.startsWith(`${key}@`)) changed();
      };
      return listen(location, changed, access?.signal, stored);
    },
  };
}

/** Wrappers and polyfills of a storage may ignore its errors. */
function put(store: WebStorage, key: string, text: string): void {
  store.setItem(key, text);
  if (store.getItem(key) !== text) throw new DOMException("", "QuotaExceededError");
}

/**
 * Runs exclusively across tabs; without locks, running synchronously is the best alternative. `work` rejects if the signal
 * has aborted.
 */
async function exclusively<T>(
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  if (locks === undefined) return work();
  let begun = false;
  try {
    return await locks.request(name, { ...(signal && { signal }) }, () => {
      begun = true;
      return work();
    });
  } catch (failure) {
    if (begun) throw failure;
    // The browser denies locks to this page, or the signal aborted.
    return work();
  }
}
