import type { AccessOptions, AuthErrorCode, TokenStorage } from "@x/auth-core";
import type { Changes } from "./changes.ts";
import type { QueryOptions } from "./database.ts";
import { storeError } from "./errors.ts";
import { rowKeyFor } from "./refs.ts";
import type { RowKey } from "./seal.ts";
import type { TokenRows } from "./token-rows.ts";

/** State shared by all storages of a store. */
export interface StorageParts {
  readonly rows: TokenRows;
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
    return this.#call("read", options, (rows, key, query) => rows.read(key, query));
  }

  async write(token: string, options?: AccessOptions): Promise<void> {
    await this.#change(options, (rows, key, query) => rows.write(key, token, query));
  }

  async replace(expected: string | null, token: string, options?: AccessOptions): Promise<boolean> {
    return this.#change(options, (rows, key, query) => rows.replace(key, { expected, token }, query));
  }

  async remove(options?: AccessOptions): Promise<void> {
    await this.#change(options, (rows, key, query) => rows.remove(key, query));
  }

  async probe(options?: AccessOptions): Promise<void> {
    await this.#call("write", options, (rows, key, query) => rows.probe(key, query));
  }

  watch(changed: () => void, options?: { readonly signal?: AccessOptions["signal"] }): () => void {
    return this.#parts.changes.watch(this.#key, changed, options?.signal);
  }

  /** @returns whether the row was changed; watchers in this process are then notified without waiting for the server */
  async #change(
    options: AccessOptions | undefined,
    change: (rows: TokenRows, key: RowKey, query: QueryOptions) => Promise<string | null>,
  ): Promise<boolean> {
    const version = await this.#call("write", options, change);
    if (version !== null) this.#parts.changes.report(rowKeyFor(this.#key, options), version);
    return version !== null;
  }

  async #call<T>(
    access: QueryOptions["access"],
    options: AccessOptions | undefined,
    work: (rows: TokenRows, key: RowKey, query: QueryOptions) => Promise<T>,
  ): Promise<T> {
    const signal = options && Object.hasOwn(options, "signal") ? options.signal : undefined;
    if (signal?.aborted) throw signal.reason;
    try {
      return await work(this.#parts.rows, rowKeyFor(this.#key, options), { access, signal });
    } catch (error) {
      if (signal?.aborted && error === signal.reason) throw error;
      const code: AuthErrorCode = access === "read" ? "STORAGE_READ_FAILED" : "STORAGE_WRITE_FAILED";
      throw storeError(error, code, `${this.location} cannot be ${access === "read" ? "read" : "stored"}`);
    }
  }
}
