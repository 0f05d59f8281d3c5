import type { AccessOptions, AuthErrorCode, TokenStorage } from "@x/auth-core";
import type { Changes } from "./changes.ts";
import type { QueryOptions } from "./database.ts";
import { storeError } from "./errors.ts";
import { rowKeyFor } from "./refs.ts";
import type { RowKey } from "./seal.ts";
import type { SeenRows } from "./seen-rows.ts";
import { type TokenRows, versionOf } from "./token-rows.ts";

/** How often to read again if the row keeps changing while it is restored. */
const MAX_TRIES = 3;

/** State shared by all storages of a store. */
export interface StorageParts {
  readonly rows: TokenRows;
  readonly seen: SeenRows;
  readonly changes: Changes;
  /** The store's name for people. */
  readonly location: string;
}

/** One secret of a workspace. Small, because a runner has thousands. */
export class PostgresTokenStorage implements Required<TokenStorage> {
  readonly #parts: StorageParts;
  readonly #key: RowKey;

  constructor(parts: StorageParts, key: RowKey) {
    this.#parts = parts;
    this.#key = key;
  }

  get location(): string {
    const { platform, id, kind } = this.#key;
    return `${this.#parts.location}, ${kind === "auth" ? "token" : "inbound secret"} of ${id} (${platform})`;
  }

  async read(options?: AccessOptions): Promise<string | null> {
    return this.#call("read", options, (key, query) => this.#read(key, query));
  }

  async write(token: string, options?: AccessOptions): Promise<void> {
    await this.#call("write", options, async (key, query) => {
      this.#changed(key, token, await this.#parts.rows.write(key, token, query));
    });
  }

  async replace(expected: string | null, token: string, options?: AccessOptions): Promise<boolean> {
    return this.#call("write", options, async (key, query) => {
      const { rows, seen } = this.#parts;
      const last = seen.get(key);
      // A failover may have brought back a row that had been replaced.
      if (last !== undefined && last.token !== expected) await this.#read(key, query);
      const history = await rows.replace(key, { expected, token }, query);
      if (history !== null) this.#changed(key, token, history);
      return history !== null;
    });
  }

  async remove(options?: AccessOptions): Promise<void> {
    await this.#call("write", options, async (key, query) => {
      const history = await this.#parts.rows.remove(key, query);
      if (history === null) this.#parts.seen.forget(key);
      else this.#changed(key, null, history);
    });
  }

  async probe(options?: AccessOptions): Promise<void> {
    await this.#call("write", options, (key, query) => this.#parts.rows.probe(key, query));
  }

  watch(changed: () => void, options?: { readonly signal?: AccessOptions["signal"] }): () => void {
    return this.#parts.changes.watch(this.#key, changed, options?.signal);
  }

  /** Restores the row if it is older than what this process has seen. */
  async #read(key: RowKey, query: QueryOptions): Promise<string | null> {
    const { rows, seen } = this.#parts;
    for (let tries = 1; ; tries += 1) {
      const found = await rows.find(key, query);
      const newer = seen.newerThan(key, found);
      if (newer === null) {
        if (found === null) return null;
        const stored = rows.open(key, found);
        seen.note(key, stored);
        return stored.token;
      }
      const isRestored = await seen.restore(key, newer, query).catch(() => null);
      if (query.signal?.aborted) throw query.signal.reason;
      // Even if it could not be restored now, it is the newer one.
      if (isRestored !== false || tries === MAX_TRIES) return newer.token;
    }
  }

  /** Watchers in this process are notified without waiting for the server. */
  #changed(key: RowKey, token: string | null, history: string): void {
    this.#parts.seen.note(key, { token, history });
    this.#parts.changes.report(key, versionOf(history));
  }

  async #call<T>(
    access: QueryOptions["access"],
    options: AccessOptions | undefined,
    work: (key: RowKey, query: QueryOptions) => Promise<T>,
  ): Promise<T> {
    const signal = options && Object.hasOwn(options, "signal") ? options.signal : undefined;
    if (signal?.aborted) throw signal.reason;
    try {
      return await work(rowKeyFor(this.#key, options), { access, signal });
    } catch (error) {
      if (signal?.aborted && error === signal.reason) throw error;
      const code: AuthErrorCode = access === "read" ? "STORAGE_READ_FAILED" : "STORAGE_WRITE_FAILED";
      throw storeError(error, code, `${this.location} cannot be ${access === "read" ? "read" : "stored"}`);
    }
  }
}
