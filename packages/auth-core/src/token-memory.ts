import { bounded } from "./bounded.ts";
import { type AuthError, asAuthError } from "./errors.ts";
import type { AuthEvent } from "./events.ts";
import type { Candidate, Knowledge } from "./resolution.ts";
import type { Signal } from "./signal.ts";
import type { AccessOptions, TokenSource, TokenStorage } from "./storage.ts";
import { checkToken } from "./token.ts";

/**
 * How many rejected tokens, unsaved tokens and conflicting pairs to remember; the oldest are dropped. A few are enough,
 * because a source holds one token at a time, and a runner has one such memory per workspace.
 */
const MEMORY = 10;

/** How many tokens to remember as a platform's own. A dropped one could be sent to another platform. */
const MOST_KNOWN = 100;

/** What a source held when it was read. */
export interface Asked extends Candidate {
  readonly source: "storage" | "fallback";
  location: string;
  /** The exact text; `null` if there is none, or it cannot be read. */
  text: string | null;
  token: string | null;
  error?: AuthError;
}

/** A token to store. */
export interface Save {
  readonly token: string;
  /** The bearer token of the request whose response contained it; `undefined`: an operator provided it. */
  readonly sentWith: string | null | undefined;
  readonly signal: Signal | undefined;
  /** Its position among its platform's saves. */
  readonly turn: number;
}

/** State shared by all platforms. */
export interface Shared {
  readonly storage: TokenStorage;
  readonly fallback: readonly TokenSource[];
  emit(event: AuthEvent): void;
  /** The time limit for reading a source, and for a save. */
  readonly limitMs: number;
  /** Settles with the most recent save; `null` before the first. */
  lastSave: Promise<unknown> | null;
  /** The state of the configured platform. */
  current(): TokenMemory;
  /** The state of the platform that a token was first used or saved for. */
  ownerOf(token: string | null): TokenMemory | undefined;
}

/**
 * What is known about one platform's tokens. A single object whose maps are created on demand, because a runner has a
 * hundred thousand of these.
 */
export class TokenMemory implements Knowledge {
  /** The platform's origin; `null` until one is configured. */
  origin: string | null;
  cached: string | null = null;
  rejections: Map<string | null, number> | null = null;
  protected readonly shared: Shared;
  /** Tokens that are not stored (yet). Used at once: these may be the only copies. */
  protected unsaved: Map<string, Save> | null = null;
  /** The storage holds another token that may be newer, and that is tried before the unsaved ones. */
  protected contested = false;
  /** Increases whenever reads in flight become too old to cache. */
  protected generation = 0;
  protected flight: Promise<string | null> | null = null;
  #known: Map<string | null, null> | null = null;

  constructor(origin: string | null, shared: Shared) {
    this.origin = origin;
    this.shared = shared;
  }

  /** True if the token was used or saved for this platform. */
  knows(token: string | null): boolean {
    return this.#known?.has(token) ?? false;
  }

  /** True if the token was used or saved for another platform first. */
  isForeign(token: string | null): boolean {
    return (this.shared.ownerOf(token) ?? this).origin !== this.origin;
  }

  /** Binds the token to this platform. */
  claim(token: string): void {
    if (this.origin !== null && !this.knows(token)) {
      this.#known = remember(this.#known, token, null, MOST_KNOWN);
    }
  }

  /** Drops the cached token, but not unsaved ones, which cannot be read again. */
  drop(): void {
    this.generation += 1;
    this.cached = null;
    this.flight = null;
  }

  /** Reads a source, the storage by default. One that times out, or holds something that is not a token, has failed. */
  protected async ask(from: TokenSource = this.shared.storage, ms = this.shared.limitMs): Promise<Asked> {
    const source = from === this.shared.storage ? "storage" : "fallback";
    const asked: Asked = { source, location: "", text: null, token: null };
    try {
      const text = await bounded((signal) => from.read(this.access(signal)), ms);
      // Throws for anything that is not a text, such as a `Buffer`, which may hold a token.
      const token = text?.trim();
      asked.text = text ?? null;
      if (token) asked.token = checkToken(token);
    } catch (failure) {
      asked.error = asAuthError(failure, "STORAGE_READ_FAILED", `${from.location} cannot be read`);
    }
    // By now it may say more, such as whose token it holds.
    asked.location = from.location;
    return asked;
  }

  protected access(signal: Signal): AccessOptions {
    return { signal, ...(this.origin && { platformOrigin: this.origin }) };
  }

  protected held(): string[] {
    return [...(this.unsaved?.keys() ?? [])];
  }

  /** Sorts candidates into the order in which they are tried. */
  protected inOrder(asked: readonly Candidate[]): Candidate[] {
    const all = [...asked];
    all.splice(this.contested ? 1 : 0, 0, ...this.held().map((token) => inMemory("unsaved", token)));
    return all;
  }
}

export const inMemory = (source: "cache" | "unsaved", token: string | null): Candidate => ({
  source,
  location: "memory",
  token,
});

export function remember<K, V>(memory: Map<K, V> | null, key: K, value: V, most: number = MEMORY): Map<K, V> {
  const all = memory ?? new Map<K, V>();
  all.set(key, value);
  const [oldest] = all.keys();
  if (all.size > most) all.delete(oldest as K);
  return all;
}
