import { type Candidate, choose } from "./resolution.ts";
import { isInstant } from "./sources.ts";
import { redactToken } from "./token.ts";
import { type Asked, inMemory, remember } from "./token-memory.ts";
import { TokenSaves } from "./token-saves.ts";

/**
 * How often a token is read again because of changes, so that constant ones do not keep a caller waiting forever: a
 * getter, or a wrapped `authHeaders`, may name another platform each time.
 */
export const MOST_READS = 20;

/** The single-workspace token of one platform, with the races of its sources resolved. */
export class TokenCache extends TokenSaves {
  #disagreements: Map<string, null> | null = null;

  /** Reads the cache, else the sources. Also `null` if another platform was configured during the read. */
  async get(repeats = 0): Promise<string | null> {
    const known = this.cached ?? this.flight;
    if (known) return known;
    const { generation } = this;
    const mine: Promise<string | null> = this.#read(repeats).finally(() => {
      if (this.flight === mine) this.flight = null;
    });
    // If the storage reports a change during its own read, the read is already stale. Do not share it: it would
    // wait for itself.
    if (this.generation === generation) this.flight = mine;
    return mine;
  }

  async #read(repeats: number): Promise<string | null> {
    const { generation, shared } = this;
    const asked: Asked[] = [];
    // An unsaved, unrejected token comes first, whatever the storage holds.
    if (this.contested || !this.held().some((token) => this.#isUsable(token))) {
      asked.push(await this.ask());
      for (const source of shared.fallback) {
        const found = asked.some(({ token }) => this.#isUsable(token));
        if (!found || isInstant(source)) asked.push(await this.ask(source));
      }
    }
    // The platform changed during the read: the result may be for either one.
    if (shared.current() !== this) return null;
    const unchanged = this.generation === generation;
    // Saved, refreshed or cleared during the read: the result may be stale.
    if (!unchanged && repeats < MOST_READS) return this.get(repeats + 1);
    const token = choose(this.inOrder(asked), this)?.token ?? null;
    if (token) this.claim(token);
    if (unchanged) this.cached = token;
    // Last, because the listener may call back and change this state.
    this.#report(asked);
    return token;
  }

  #isUsable(token: string | null): boolean {
    return token !== null && !this.rejections?.has(token) && !this.isForeign(token);
  }

  #report(asked: readonly Asked[]): void {
    const { shared } = this;
    for (const { source, location, error } of asked) {
      if (error) shared.emit({ type: "source-failed", source, location, error });
    }
    const [stored, other] = asked.filter(({ token }) => token && !this.isForeign(token));
    if (stored?.source !== "storage" || !stored.token || !other?.token || stored.token === other.token)
      return;
    const pair = `${stored.token}\n${other.token}`;
    if (this.#disagreements?.has(pair)) return;
    this.#disagreements = remember(this.#disagreements, pair, null);
    shared.emit({
      type: "sources-disagree",
      location: stored.location,
      stored: redactToken(stored.token),
      fallbackLocation: other.location,
      fallback: redactToken(other.token),
    });
  }

  reject(token: string): void {
    const count = this.rejections?.get(token) ?? 0;
    // Many requests may be rejected with one token; only the first one counts.
    if (count && this.cached !== token) return;
    this.rejections = remember(this.rejections, token, count + 1);
    // Nor may a read that just returned this token be shared any longer.
    if (this.cached === token) this.drop();
    this.shared.emit({ type: "token-rejected", token: redactToken(token) });
  }

  /** What the cache and every source hold now. Has no side effects, and emits nothing. */
  async inspect(): Promise<Candidate[]> {
    const asked = await Promise.all([this.ask(), ...this.shared.fallback.map((each) => this.ask(each))]);
    const sources = this.inOrder(asked);
    if (!this.unsaved?.size) sources.unshift(inMemory("unsaved", null));
    return [inMemory("cache", this.cached), ...sources];
  }
}
