import type { Signal } from "./signal.ts";

/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/** What every call to a source or a storage may be given. */
export interface AccessOptions {
  /** Aborts the call: nothing is written after that, and the promise rejects with the signal's reason. */
  readonly signal?: Signal;
  /**
   * Origin of the platform that the token is for, as in `Origin`; left out: not known. A storage that keeps tokens of
   * several platforms apart reads and writes the one of this origin only.
   */
  readonly platformOrigin?: string;
}

/** Where a token may be found. */
export interface TokenSource {
  /** Where that is, in words for people (a path, a key). Shown in errors and events; never the token. */
  readonly location: string;
  /** The token's text, exactly as stored; `null` when there is none. Any other failure rejects. */
  read(options?: AccessOptions): Awaitable<string | null>;
}

/**
 * Where one token is kept. `@x/auth-testing` holds the contract as a suite: run it against a storage of your own.
 */
export interface TokenStorage extends TokenSource {
  /** Replaces what is stored. Durable once settled; a reader sees the old token or the new one, never a part. */
  write(token: string, options?: AccessOptions): Awaitable<void>;
  /**
   * Replaces `expected` (`null`: nothing stored) only if exactly that is still stored.
   *
   * @returns false, and nothing has changed, when something else is stored
   */
  replace?(expected: string | null, token: string, options?: AccessOptions): Awaitable<boolean>;
  /** Removes what is stored; nothing stored is no error. Durable once settled. */
  remove?(options?: AccessOptions): Awaitable<void>;
  /** Rejects unless a token could be stored now, by the path that `write` takes. What is stored stays as it is. */
  probe?(options?: AccessOptions): Awaitable<void>;
  /**
   * Calls `changed` (soon) after somebody, this object included, wrote another token. May call once too often,
   * never too seldom.
   *
   * @returns unsubscribe; aborting the signal does the same
   */
  watch?(changed: () => void, options?: { readonly signal?: Signal }): () => void;
}

/**
 * A storage that lives as long as the object: for tests, and for tokens that must not be kept. It holds one token,
 * whatever the platform.
 *
 * @param initial what it holds at first; nothing when left out
 * @example
 * const auth = createAuth({ storage: memoryTokenStorage() });
 */
export function memoryTokenStorage(initial?: string): TokenStorage {
  let stored = initial ?? null;
  const listeners = new Set<() => void>();
  const set = (token: string | null) => {
    stored = token;
    for (const listener of [...listeners]) listener();
  };
  const check = (options?: AccessOptions) => {
    if (options?.signal?.aborted) throw options.signal.reason;
  };
  return {
    location: "memory",
    read(options) {
      check(options);
      return stored;
    },
    write(token, options) {
      check(options);
      set(token);
    },
    replace(expected, token, options) {
      check(options);
      const same = stored === expected;
      if (same) set(token);
      return same;
    },
    remove(options) {
      check(options);
      set(null);
    },
    probe: check,
    watch(changed, options) {
      const listener = () => changed();
      const stop = () => void listeners.delete(listener);
      if (!options?.signal?.aborted) listeners.add(listener);
      options?.signal?.addEventListener("abort", stop);
      return stop;
    },
  };
}
