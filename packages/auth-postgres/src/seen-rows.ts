import type { QueryOptions } from "./database.ts";
import { kindOf } from "./errors.ts";
import { rowName } from "./refs.ts";
import type { RowKey } from "./seal.ts";
import { type Found, type Stored, type TokenRows, versionOf, versionsIn } from "./token-rows.ts";

export interface SeenRowsOptions {
  readonly rows: Pick<TokenRows, "restore" | "lost">;
  /** Called for each row that was restored. */
  readonly report: (key: RowKey, version: string) => void;
  readonly onRestored: (count: number) => void;
}

/**
 * The rows as this process last saw them. After a failover to an older copy, the database lacks some of them, or holds
 * versions that they had replaced: those are not changes, and are replaced again.
 */
export class SeenRows {
  readonly #options: SeenRowsOptions;
  /** By name. */
  readonly #seen = new Map<string, Stored>();

  constructor(options: SeenRowsOptions) {
    this.#options = options;
  }

  /** What was last seen. */
  get(key: RowKey): Stored | undefined {
    return this.#seen.get(rowName(key));
  }

  /** Records what was read or stored, unless something newer has been seen since. */
  note(key: RowKey, stored: Stored): void {
    if (this.newerThan(key, stored) === null) this.#seen.set(rowName(key), stored);
  }

  forget(key: RowKey): void {
    this.#seen.delete(rowName(key));
  }

  clear(): void {
    this.#seen.clear();
  }

  /** What was seen, if it has replaced the row that was found (`null`: there was none); else `null`. */
  newerThan(key: RowKey, found: Pick<Found, "history"> | null): Stored | null {
    const seen = this.get(key);
    if (seen === undefined) return null;
    const isOlder = found === null || versionsIn(seen.history).indexOf(versionOf(found.history)) > 0;
    return isOlder ? seen : null;
  }

  /** @returns false if the database holds this row, or one that it did not replace */
  async restore(key: RowKey, seen: Stored, query: QueryOptions): Promise<boolean> {
    const isRestored = await this.#restore(key, seen, query);
    if (isRestored) this.#options.onRestored(1);
    return isRestored;
  }

  /**
   * Restores the rows that the database has lost: one query, if there are none.
   *
   * @param keys which rows; left out: all
   * @returns how many
   * @throws the driver's error; if the server rejects a row, only after restoring the others
   */
  async restoreAll(
    query: QueryOptions,
    keys: readonly RowKey[] = [...this.#seen.keys()].map(keyOf),
  ): Promise<number> {
    const all = keys.flatMap((key) => {
      const history = this.get(key)?.history;
      return history === undefined ? [] : [{ key, history }];
    });
    if (all.length === 0) return 0;
    let count = 0;
    let failure: unknown;
    try {
      for (const index of await this.#options.rows.lost(all, { ...query, access: "read" })) {
        const key = all[index]?.key;
        // It may have been forgotten, or changed, meanwhile.
        const seen = key && this.get(key);
        try {
          if (seen && (await this.#restore(key, seen, query))) count += 1;
        } catch (error) {
          // The server answered: another session may hold this row for hours, and not the others.
          if (!kindOf(error).isServers) throw error;
          failure = error;
        }
      }
    } finally {
      if (count > 0) this.#options.onRestored(count);
    }
    if (failure !== undefined) throw failure;
    return count;
  }

  async #restore(key: RowKey, seen: Stored, query: QueryOptions): Promise<boolean> {
    const history = await this.#options.rows.restore(key, seen, { ...query, access: "write" });
    if (history !== null) this.#options.report(key, versionOf(history));
    return history !== null;
  }
}

/** No part of a name contains a space. */
function keyOf(name: string): RowKey {
  const [kind = "", platform = "", id = ""] = name.split(" ");
  return { kind, platform, id };
}
