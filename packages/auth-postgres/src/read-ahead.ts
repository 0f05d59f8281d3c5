import { rowName } from "./refs.ts";
import type { RowKey } from "./seal.ts";

/** An announcement may arrive before the answer to the statement that caused it. */
const PAUSE_MS = 100;

export interface ReadAheadOptions {
  readonly isSeen: (key: RowKey, version: string) => boolean;
  readonly read: (key: RowKey) => Promise<unknown>;
}

/**
 * Reads rows that others changed, one at a time, before they are asked for: a runner may not need a new token for half
 * a minute, and until it has seen the token, only the database has it.
 */
export class ReadAhead {
  readonly #options: ReadAheadOptions;
  readonly #changed = new Map<string, { readonly key: RowKey; readonly version: string }>();
  #timer: NodeJS.Timeout | undefined;
  #isReading = false;

  constructor(options: ReadAheadOptions) {
    this.#options = options;
  }

  add(key: RowKey, version: string): void {
    this.#changed.set(rowName(key), { key, version });
    if (!this.#isReading) this.#timer ??= setTimeout(() => this.#readAll(), PAUSE_MS).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#changed.clear();
  }

  async #readAll(): Promise<void> {
    this.#timer = undefined;
    this.#isReading = true;
    for (const [name, { key, version }] of this.#changed) {
      this.#changed.delete(name);
      // The reader gets the failure when it asks.
      if (!this.#options.isSeen(key, version)) await this.#options.read(key).catch(() => {});
    }
    this.#isReading = false;
  }
}
