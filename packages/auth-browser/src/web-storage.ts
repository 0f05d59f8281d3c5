import type { AccessOptions, TokenStorage } from "@x/auth-core";
import { keyFor } from "./keys.ts";
import { announce, listen } from "./notices.ts";
import { own } from "./own.ts";
import { readError, writeError } from "./storage-errors.ts";

/** The part of the DOM's `Storage` that is used. */
export interface WebStorage {
  /** What is stored under the key; `null` when nothing is. */
  getItem(key: string): string | null;
  /** Stores under the key; throws when it cannot. */
  setItem(key: string, value: string): void;
  /** Removes what is stored under the key. */
  removeItem(key: string): void;
}

/** Which Web Storage a `webTokenStorage` keeps its tokens in, and under which key. */
export interface WebTokenStorageOptions {
  /**
   * `sessionStorage` or `localStorage`; better a function that gives it, because where site data is blocked the mere
   * mention of it throws.
   */
  readonly storage: WebStorage | (() => WebStorage);
  /** Under which key; the platform's origin is added to it. @default "workspace-auth-token" */
  readonly key?: string;
}

/**
 * Keeps a token for each platform in `sessionStorage` (this tab, as long as it is open) or `localStorage` (all tabs of
 * this origin, until the user clears it). Any script of the origin can read either. Not in workers: there is no Web
 * Storage there.
 *
 * `watch` reports changes by other tabs (the `storage` event) and by other objects of this tab. `replace` excludes other
 * tabs by a Web Lock; where there are none it only compares. A token of the first layout, under the plain key, goes to
 * the first platform that reads it.
 *
 * @returns a storage that rejects with `AuthError` `STORAGE_READ_FAILED` or `STORAGE_WRITE_FAILED` where storage is
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

  /** What is stored for a platform; a token of the first layout becomes its own. */
  function get(store: WebStorage, mine: string): string | null {
    const text = store.getItem(mine);
    if (text !== null || mine === key) return text;
    const plain = store.getItem(key);
    try {
      if (plain !== null) store.setItem(mine, plain);
      store.removeItem(key);
    } catch {
      // There is no room for it; it can be used where it is.
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
        store.setItem(mine, token);
      });
      announce(location);
    },
    async replace(expected, token, access) {
      const replaced = await exclusively(location, () =>
        change(access, (store, mine) => {
          const same = get(store, mine) === expected;
          if (same) store.setItem(mine, token);
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
        const place = `${key}.probe`;
        store.setItem(place, "x".repeat(100));
        store.removeItem(place);
      }),
    watch(changed, access) {
      // Also for other kinds of Web Storage with such a key: a needless read does no harm.
      const stored = (event: StorageEvent) => {
        // No key: all of them were cleared.
        if (event.key === null || event.key === key || event.key.startsWith(`${key}@`)) changed();
      };
      return listen(location, changed, access?.signal, stored);
    },
  };
}

/** Where other tabs cannot be kept out, what is done at once is the best there is. */
async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  if (locks === undefined) return work();
  let begun = false;
  try {
    return await locks.request(name, () => {
      begun = true;
      return work();
    });
  } catch (failure) {
    if (begun) throw failure;
    // The browser keeps locks from this page.
    return work();
  }
}
