import type { Emit } from "./events.ts";
import type { Candidate, Knowledge } from "./resolution.ts";
import type { Signal } from "./signal.ts";
import type { TokenSource, TokenStorage } from "./storage.ts";

/**
 * How many rejected tokens, unsaved ones and disagreeing pairs are remembered; beyond that the oldest is forgotten. A
 * source holds one token at a time, so a few are enough, and every workspace of a fleet remembers its own.
 */
const MEMORY = 10;

/** So many tokens are remembered as a platform's. A forgotten one could be sent to another platform. */
const MOST_KNOWN = 100;

/** A token to be stored. */
export interface Save {
  readonly token: string;
  /** The bearer of the request whose answer brought it; `undefined`: an operator gave it. */
  readonly sentWith: string | null | undefined;
  readonly signal: Signal | undefined;
  /** Position among the saves of its platform. */
  readonly turn: number;
}

/** What is remembered for all platforms together. */
export interface Shared {
  readonly storage: TokenStorage;
  readonly fallback: readonly TokenSource[];
  readonly emit: Emit;
  /** How long a source may take to answer, and a save to settle. */
  readonly limitMs: number;
  /** Settles with the save that was asked for last. */
  lastSave: Promise<unknown> | null;
  /** What is remembered for the platform that is configured now. */
  current(): TokenMemory;
  /** What is remembered for the platform that a token was first used or saved for. */
  ownerOf(token: string): TokenMemory | undefined;
}

/**
 * All that is remembered of the tokens for one platform. One object, with maps only when there is something to keep in
 * them: a runner has a hundred thousand of these.
 */
export class TokenMemory implements Knowledge {
  /** Of the platform; `null` until one is configured. */
  origin: string | null;
  cached: string | null = null;
  rejections: Map<string, number> | null = null;
  protected readonly shared: Shared;
  /** To be stored, and not stored (yet). Usable at once: they may be the only copies there are. */
  protected unsaved: Map<string, Save> | null = null;
  /** Something else is stored, and nothing says that it is older: it is tried before what is unsaved. */
  protected contested = false;
  /** Goes up whenever an answer that is in flight has become too old to be cached. */
  protected generation = 0;
  protected flight: Promise<string | null> | null = null;
  #known: Map<string, true> | null = null;

  constructor(origin: string | null, shared: Shared) {
    this.origin = origin;
    this.shared = shared;
  }

  /** True for a token that was used or saved for this platform. */
  knows(token: string): boolean {
    return this.#known?.has(token) ?? false;
  }

  /** True for a token that was used or saved for another platform first. */
  isForeign(token: string): boolean {
    return (this.shared.ownerOf(token) ?? this).origin !== this.origin;
  }

  /** From now on the token is for this platform only. */
  claim(token: string): void {
    if (this.origin !== null && !this.knows(token)) {
      this.#known = remember(this.#known, token, true, MOST_KNOWN);
    }
  }

  /** Drops what is cached; what cannot be had again (an unsaved token) stays. */
  drop(): void {
    this.generation += 1;
    this.cached = null;
    this.flight = null;
  }

  /** In the order in which they are used. */
  protected inOrder([stored, ...others]: readonly Candidate[]): Candidate[] {
    const held = [...(this.unsaved?.keys() ?? [])].map((token) => inMemory("unsaved", token));
    const first = stored ? [stored] : [];
    return this.contested ? [...first, ...held, ...others] : [...held, ...first, ...others];
  }
}

export const inMemory = (source: "cache" | "unsaved", token: string | null): Candidate => ({
  source,
  location: "memory",
  token,
});

export function remember<V>(
  memory: Map<string, V> | null,
  key: string,
  value: V,
  most: number = MEMORY,
): Map<string, V> {
  const all = memory ?? new Map<string, V>();
  all.set(key, value);
  const [oldest] = all.keys();
  if (all.size > most && oldest) all.delete(oldest);
  return all;
}
