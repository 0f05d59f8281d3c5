import type { AuthOptions } from "./auth.ts";
import { unlessAborted } from "./bounded.ts";
import type { AuthEvent, AuthEventListener } from "./events.ts";
import type { Settings } from "./settings.ts";
import type { Signal } from "./signal.ts";
import { envTokenSource } from "./sources.ts";
import type { TokenSource, TokenStorage } from "./storage.ts";
import { cleanText } from "./token.ts";
import { MOST_READS, TokenCache } from "./token-cache.ts";
import type { Shared } from "./token-memory.ts";

/** A token, or the lack of one, and the platform that it is for. */
export interface Found {
  readonly origin: string | null;
  readonly token: string | null;
}

/** The token caches of all platforms, of which one is configured. */
export class Caches implements Shared {
  readonly storage: TokenStorage;
  readonly fallback: readonly TokenSource[];
  readonly limitMs: number;
  lastSave: Promise<unknown> | null = null;
  readonly #onEvent: AuthEventListener;
  readonly #settings: Settings;
  #caches: readonly TokenCache[] = [];
  #cache: TokenCache;

  constructor(options: Partial<AuthOptions>, settings: Settings) {
    const {
      storage,
      env = {},
      fallback = [envTokenSource(env)],
      onEvent = ignore,
      sourceTimeoutMs = 5_000,
    } = options;
    if (!storage || !(sourceTimeoutMs > 0)) {
      throw new TypeError("createAuth requires a storage, and a sourceTimeoutMs greater than 0");
    }
    this.storage = storage;
    this.fallback = fallback;
    this.limitMs = sourceTimeoutMs;
    this.#onEvent = onEvent;
    this.#settings = settings;
    this.#cache = this.of(null);
  }

  /** A listener that throws must not undo the operation it is called for. */
  async emit(event: AuthEvent): Promise<void> {
    try {
      // Awaited so that an async listener's rejection does not end the process.
      await this.#onEvent(event);
    } catch {
      // The listener's own error; there is no one to report it to.
    }
  }

  /** The token cache of a platform. */
  of(origin: string | null): TokenCache {
    const known = this.#caches.find((each) => each.origin === origin);
    if (known) return known;
    const cache = new TokenCache(origin, this);
    // `push` and spreading reserve room for sixteen more.
    this.#caches = this.#caches.concat(cache);
    return cache;
  }

  ownerOf(token: string | null): TokenCache | undefined {
    return this.#caches.find((each) => each.knows(token));
  }

  current(): TokenCache {
    let origin: string | null = null;
    try {
      origin = this.#settings.platform()?.origin ?? null;
    } catch {
      // An invalid URL counts as no platform; building headers reports the error.
    }
    const before = this.#cache;
    if (before.origin !== origin) {
      // Reads in flight may return either platform's token.
      before.drop();
      // Tokens received before a platform was configured belong to the first one.
      if (before.origin === null && !this.#caches.some((each) => each.origin === origin))
        before.origin = origin;
      else this.#cache = this.of(origin);
    }
    return this.#cache;
  }

  /** The cached token of the configured platform, if that is this one. */
  cachedFor(origin: string | null): string | null {
    return this.#cache.origin === origin ? this.#cache.cached : null;
  }

  drop(): void {
    for (const each of this.#caches) each.drop();
  }

  reject(text: string): void {
    const token = cleanText(text);
    if (token) (this.ownerOf(token) ?? this.current()).reject(token);
  }

  /** Drops what is cached whenever the storage changes. @returns unsubscribe */
  watch(signal: Signal | undefined): () => void {
    const { storage } = this;
    const changed = () => {
      // For a storage that ignores signals. A listener here would outlive an unsubscribed watch.
      if (signal?.aborted) return;
      this.drop();
      this.emit({ type: "storage-changed", location: storage.location });
    };
    return storage.watch?.(changed, { signal }) ?? ignore;
  }

  /**
   * Returns what `use` makes of the token, once the read has ended with its platform still configured and `use` returned
   * something. Gives up with `null` after some reads.
   */
  async look<T>(signal: Signal | undefined, use: (found: Found) => T | null): Promise<T | null> {
    for (let tries = 0; tries < MOST_READS; tries += 1) {
      const cache = this.current();
      const token = await unlessAborted(cache.get(), signal);
      const result = cache === this.current() ? use({ origin: cache.origin, token }) : null;
      if (result) return result;
    }
    return null;
  }
}

/** The default listener, and the unsubscribe of an unwatchable storage. Shared, so that it keeps nothing alive. */
const ignore = () => {};
