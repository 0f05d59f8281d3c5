import { throwIfAborted } from "./bounded.ts";
import type { Awaitable, Signal } from "./signal.ts";

/** Options of every source and storage call. */
export interface AccessOptions {
  /** Aborts the call: nothing is written afterwards, and the promise rejects with the signal's reason. */
  readonly signal?: Signal | undefined;
  /**
   * Origin of the token's platform, as in `Origin`; left out: unknown. A storage that holds tokens of several platforms
   * reads and writes only this origin's.
   */
  readonly platformOrigin?: string;
}

/** A source that may hold a token. */
export interface TokenSource {
  /** The location for people (a path, a key). Shown in errors and events; never contains the token. */
  readonly location: string;
  /** The text exactly as stored; `null` if there is none. Rejects on any failure. */
  read(options?: AccessOptions): Awaitable<string | null>;
}

/**
 * Stores one token. `@x/auth-testing` provides the contract as a test suite for your own storage.
 */
export interface TokenStorage extends TokenSource {
  /** Replaces the stored token. Durable once settled; readers see the old token or the new one, never a part. */
  write(token: string, options?: AccessOptions): Awaitable<void>;
  /**
   * Replaces the stored token only if it still is exactly `expected` (`null`: nothing is stored).
   *
   * @returns false, with nothing changed, if something else is stored
   */
  replace?(expected: string | null, token: string, options?: AccessOptions): Awaitable<boolean>;
  /** Removes the stored token; resolves if there is none. Durable once settled. */
  remove?(options?: AccessOptions): Awaitable<void>;
  /** Rejects unless `write` could store a token now. Leaves the stored token unchanged. */
  probe?(options?: AccessOptions): Awaitable<void>;
  /**
   * Calls `changed` soon after any writer, including this object, stored another token. Extra calls are allowed,
   * missed ones are not.
   *
   * @returns unsubscribe; aborting the signal does the same
   */
  watch?(changed: () => void, options?: { readonly signal?: Signal | undefined }): () => void;
}

/**
 * An in-memory storage, for tests and for tokens that must not be stored. It holds one token, shared by all
 * platforms.
 *
 * @param initial the initial token; none if left out
 * @example
 * const auth = createAuth({ storage: memoryTokenStorage() });
 */
export function memoryTokenStorage(initial?: string): TokenStorage {
  let stored = initial ?? null;
  const listeners = new Set<() => void>();
  const check = (options?: AccessOptions) => throwIfAborted(options?.signal);
  const set = (token: string | null, options?: AccessOptions) => {
    check(options);
    stored = token;
    for (const listener of [...listeners]) listener();
  };
  return {
    location: "memory",
    read(options) {
      check(options);
      return stored;
    },
    write: set,
    replace(expected, token, options) {
      check(options);
      const same = stored === expected;
      if (same) set(token);
      return same;
    },
    remove: (options) => set(null, options),
    probe: check,
    watch(changed, options) {
      const { signal } = options ?? {};
      const listener = () => changed();
      const stop = () => {
        listeners.delete(listener);
        signal?.removeEventListener("abort", stop);
      };
      if (!signal?.aborted) listeners.add(listener);
      signal?.addEventListener("abort", stop);
      return stop;
    },
  };
}
