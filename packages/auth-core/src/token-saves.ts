import { bounded, throwIfAborted, unlessAborted } from "./bounded.ts";
import { AuthError, asAuthError } from "./errors.ts";
import type { Signal } from "./signal.ts";
import { checkToken, cleanText, redactToken } from "./token.ts";
import { type Asked, remember, type Save, TokenMemory } from "./token-memory.ts";

/** How often to retry when the stored token changes between read and replace. */
const MAX_TRIES = 3;

/** Stores one platform's tokens: the most recent save wins, and a newer token is never overwritten by an older one. */
export class TokenSaves extends TokenMemory {
  #turns = 0;
  /** The last write failed, or may have been overwritten: even a token that can be read may not be durable. */
  #mustWrite = false;
  /** The newest save that succeeded. */
  #saved: Save | null = null;
  /** The turn of the most recently started save. */
  #begun = 0;
  /** Tokens whose save settled after a newer one started without waiting for it: they may have overwritten it. */
  #late: Map<string, null> | null = null;

  async save(text: string, sentWith?: string | null, signal?: Signal): Promise<void> {
    const token = checkToken(text);
    if (this.isForeign(token)) throw new AuthError("TOKEN_INVALID", "The token belongs to another platform.");
    this.claim(token);
    this.rejections?.delete(token);
    const bearer = sentWith && cleanText(sentWith);
    this.unsaved ??= new Map();
    for (const held of this.unsaved.keys()) {
      if (bearer === undefined || held === bearer || this.rejections?.has(held)) this.unsaved.delete(held);
    }
    if (!this.unsaved.size) this.contested = false;
    this.#turns += 1;
    return this.#keep({ token, sentWith: bearer, signal, turn: this.#turns });
  }

  /** Writes a token after earlier saves, waiting for each no longer than the limit. */
  #keep(save: Save): Promise<void> {
    const { shared } = this;
    const { lastSave, limitMs } = shared;
    const { token, signal } = save;
    this.unsaved = remember(this.unsaved, token, save);
    this.drop();
    const done = bounded(() => lastSave, limitMs)
      .catch(() => {})
      .then(() => bounded((own) => this.#write(save, own), limitMs, signal))
      .catch((failure) => {
        const { location } = shared.storage;
        const what = `The token cannot be stored in ${location}, and stays in memory`;
        const error = asAuthError(failure, "STORAGE_WRITE_FAILED", what);
        const type = error.code === "STORAGE_CONFLICT" ? "save-conflict" : "save-failed";
        shared.emit({ type, location, token: redactToken(token), error });
        throw error;
      });
    shared.lastSave = done.catch(() => {});
    return unlessAborted(done, signal);
  }

  async #write(save: Save, signal: Signal): Promise<void> {
    this.#begun = Math.max(this.#begun, save.turn);
    try {
      await this.#replace(save, signal);
    } finally {
      if (this.#begun > save.turn) {
        this.#late = remember(this.#late, save.token, null);
        this.#mustWrite = true;
      }
      void this.#restore();
    }
  }

  async #replace(save: Save, signal: Signal): Promise<void> {
    const { generation, shared } = this;
    const { storage, limitMs } = shared;
    const { location } = storage;
    const { token } = save;
    const options = this.access(signal);
    // An operator's token replaces any other.
    const isReceived = save.sentWith !== undefined;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      // Leaves time for the write. An operator's token is compared only to avoid a needless write.
      const asked = await this.ask(storage, limitMs / (isReceived ? 2 : 10));
      throwIfAborted(signal);
      // Compares with the storage, not the cache: the file may be gone, or the token may come from another source.
      const written = this.#mustWrite || asked.token !== token;
      if (written) {
        if (isReceived && !this.#isOlder(asked, save)) break;
        this.#mustWrite = true;
        if (!isReceived || !storage.replace) await storage.write(token, options);
        else if (!(await storage.replace(asked.text, token, options))) continue;
        this.#mustWrite = false;
      }
      if (save.turn > (this.#saved?.turn ?? 0)) this.#saved = save;
      // The most recent save counts, and may still be waiting (perhaps with the same token).
      if (this.unsaved?.get(token) === save) {
        const unchanged = this.generation === generation;
        this.unsaved.delete(token);
        this.drop();
        // The cache was dropped: another process may have stored another token during the flush.
        if (unchanged && !this.unsaved.size && !this.rejections?.has(token)) this.cached = token;
        // Reads in flight may still return what it replaced.
      } else this.drop();
      // Not awaited: the token is stored, however long an async listener takes.
      shared.emit({ type: "token-saved", location, token: redactToken(token), written });
      return;
    }
    // Unless an operator's token has superseded this one: that comes first.
    if (this.unsaved?.get(token) === save) this.contested = true;
    this.drop();
    throw new AuthError(
      "STORAGE_CONFLICT",
      `${location} holds another token, which may be newer; this one stays in memory.`,
    );
  }

  /** True if the stored token is known to be older than the one to save. */
  #isOlder({ text, token: stored, error }: Asked, { token, sentWith }: Save): boolean {
    // Unreadable: it may hold anything.
    if (error && text === null) throw error;
    if (!stored) return !error;
    return (
      !this.isForeign(stored) && (stored === token || stored === sentWith || !!this.rejections?.has(stored))
    );
  }

  /** Ensures that the storage ends up with the newest save, even if an older one settles after it. */
  async #restore(): Promise<void> {
    const saved = this.#saved;
    const late = this.#late;
    // A newer save replaces whatever is stored, or stays in memory; until it settles, any of these may overwrite it, too.
    if (!late || saved?.turn !== this.#turns) return;
    this.#late = null;
    const { error, token } = await this.ask();
    const overwriting = [...late.keys()].find((older) => error || token === older);
    if (!overwriting || token === saved.token || saved.turn !== this.#turns) return;
    await this.#keep({ ...saved, sentWith: overwriting }).catch(() => {});
  }
}
