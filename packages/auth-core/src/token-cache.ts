import { type Candidate, choose } from "./resolution.ts";
import { type Asked, ask, isInstant } from "./sources.ts";
import type { TokenSource } from "./storage.ts";
import { redactToken } from "./token.ts";
import { inMemory, remember } from "./token-memory.ts";
import { TokenSaves } from "./token-saves.ts";

/** So often a read is repeated because something changed meanwhile: a flood of changes must not keep a caller waiting. */
const MAX_REPEATS = 20;

/** The single-workspace token of one platform, and the races of its sources. */
export class TokenCache extends TokenSaves {
  #disagreements: Map<string, true> | null = null;

  /** From the cache, or else from the sources. `null` also when another platform was configured meanwhile. */
  async get(repeats = 0): Promise<string | null> {
    return this.cached ?? this.flight ?? this.#fly(repeats);
  }

  /** Starts a read, and lets those who come while it lasts share it. */
  #fly(repeats: number): Promise<string | null> {
    const { generation } = this;
    const mine: Promise<string | null> = this.#read(repeats).finally(() => {
      if (this.flight === mine) this.flight = null;
    });
    // A storage that reports a change while it is asked has already made this read too old to share; sharing it
    // with itself would never end.
    if (this.generation === generation) this.flight = mine;
    return mine;
  }

  async #read(repeats: number): Promise<string | null> {
    const { generation, shared } = this;
    const asked: Asked[] = [];
    // A token that only memory has, and that nobody rejected, goes first whatever the storage holds.
    if (this.contested || ![...(this.unsaved?.keys() ?? [])].some((token) => this.#isUsable(token))) {
      asked.push(await this.#ask());
      for (const source of shared.fallback) {
        const found = asked.some(({ token }) => this.#isUsable(token));
        if (!found || isInstant(source)) asked.push(await this.#ask(source));
      }
    }
    // What was read may be meant for either platform.
    if (shared.current() !== this) return null;
    const unchanged = this.generation === generation;
    // Saved, refreshed or dropped meanwhile: what was read may be older than what is known now.
    if (!unchanged && repeats < MAX_REPEATS) return this.get(repeats + 1);
    const token = choose(this.inOrder(asked), this)?.token ?? null;
    if (token) this.claim(token);
    if (unchanged) this.cached = token;
    // Last, because the listener may call back and change what was just set.
    this.#report(asked);
    return token;
  }

  /** What a fallback holds, or the storage. */
  #ask(fallback?: TokenSource): Promise<Asked> {
    const { storage, limitMs } = this.shared;
    return ask(fallback ? "fallback" : "storage", fallback ?? storage, this.origin, limitMs);
  }

  #isUsable(token: string | null): boolean {
    return token !== null && !this.rejections?.has(token) && !this.isForeign(token);
  }

  #report(asked: readonly Asked[]): void {
    const { emit } = this.shared;
    for (const { source, location, error } of asked) {
      if (error) emit({ type: "source-failed", source, location, error });
    }
    const [stored, other] = asked.filter(({ token }) => token && !this.isForeign(token));
    if (stored?.source !== "storage" || !stored.token || !other?.token || stored.token === other.token)
      return;
    const pair = `${stored.token}\n${other.token}`;
    if (this.#disagreements?.has(pair)) return;
    this.#disagreements = remember(this.#disagreements, pair, true);
    emit({
      type: "sources-disagree",
      location: stored.location,
      stored: redactToken(stored.token),
      fallbackLocation: other.location,
      fallback: redactToken(other.token),
    });
  }

  reject(token: string): void {
    const count = this.rejections?.get(token) ?? 0;
    // Many requests may be rejected with one token; only the first of them says something new.
    if (count && this.cached !== token) return;
    this.rejections = remember(this.rejections, token, count + 1);
    // A read that just ended with this token is not to be shared any more, either.
    if (this.cached === token) this.drop();
    this.shared.emit({ type: "token-rejected", token: redactToken(token) });
  }

  /** What the cache and every source hold now. Changes nothing, and emits nothing. */
  async inspect(): Promise<{ cached: Candidate; sources: Candidate[] }> {
    const asked = await Promise.all([this.#ask(), ...this.shared.fallback.map((each) => this.#ask(each))]);
    const sources = this.inOrder(asked);
    if (!this.unsaved?.size) sources.unshift(inMemory("unsaved", null));
    return { cached: inMemory("cache", this.cached), sources };
  }
}
