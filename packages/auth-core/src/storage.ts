/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Where one token is kept. `@x/auth-testing` holds the contract as a suite: run it against a storage of your own.
 */
export interface TokenStorage {
  /** Where that is, in words for people (a path, a key). Shown in errors and events; never the token. */
  readonly location: string;
  /** The stored text, exactly as written; `null` when nothing is stored. Any other failure rejects. */
  read(): Awaitable<string | null>;
  /** Replaces what is stored. Durable once settled; a reader sees the old token or the new one, never a part. */
  write(token: string): Awaitable<void>;
  /**
   * Calls `changed` (soon) after somebody, this object included, wrote another token. May call once too often,
   * never too seldom. Returns the way to stop.
   */
  watch?(changed: () => void): () => void;
}

/**
 * A storage that lives as long as the object: for tests, and for tokens that must not be kept.
 *
 * @param initial what it holds at first; nothing when left out
 * @example
 * const auth = createAuth({ storage: memoryTokenStorage() });
 */
export function memoryTokenStorage(initial?: string): TokenStorage {
  let stored = initial ?? null;
  const listeners = new Set<() => void>();
  return {
    location: "memory",
    read: () => stored,
    write(token) {
      stored = token;
      for (const listener of [...listeners]) listener();
    },
    watch(changed) {
      const listener = () => changed();
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
