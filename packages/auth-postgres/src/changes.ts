import { isAuthError, type Signal } from "@x/auth-core";
import { Announcements } from "./announcements.ts";
import { rowKeyOf } from "./context.ts";
import type { Database } from "./database.ts";
import { storeError } from "./errors.ts";
import { rowName } from "./refs.ts";
import { channelOf } from "./schema.ts";
import type { RowKey } from "./seal.ts";
import type { TokenRows } from "./token-rows.ts";
import type { PostgresStoreEvent } from "./types.ts";

export interface ChangesOptions {
  readonly database: Database;
  readonly rows: TokenRows;
  readonly fleet: string;
  readonly location: string;
  readonly pollMs: number;
  readonly emit: (event: PostgresStoreEvent) => void;
  /** Whether this process has seen this version replaced, so that it is no change. */
  readonly isOlder: (key: RowKey, version: string) => boolean;
  /** Called for a change of a watched row. */
  readonly onNews: (key: RowKey, version: string) => void;
  /** Restores these rows; without `keys`, all of them, because a restarted or different server may have older data. */
  readonly restore: (keys?: readonly RowKey[]) => Promise<unknown>;
}

/**
 * Notifies watchers of changes by any process. Announcements make it fast; polling every few seconds makes it reliable.
 * Runs while there are watchers.
 */
export class Changes {
  readonly #options: ChangesOptions;
  readonly #watchers = new Map<string, Set<() => void>>();
  #announcements: Announcements | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** The server's time at the last response. */
  #since: string | null = null;
  /** When the server was started, at the last response. */
  #server: string | null = null;
  /** The versions reported per row, which a poll may return again. */
  #reported = new Map<string, string>();
  #reportedBefore = new Map<string, string>();
  #isLost: boolean | null = null;
  #isSilent: boolean | null = null;
  #isPolling = false;
  #isClosed = false;

  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  /** @returns unsubscribe */
  watch(key: RowKey, changed: () => void, signal: Signal | undefined): () => void {
    if (signal?.aborted || this.#isClosed) return () => {};
    const name = rowName(key);
    const watcher = () => changed();
    const stop = () => {
      signal?.removeEventListener("abort", stop);
      const watchers = this.#watchers.get(name);
      if (!watchers?.delete(watcher)) return;
      if (watchers.size === 0) this.#watchers.delete(name);
      if (this.#watchers.size === 0) this.#stop();
    };
    this.#watchers.set(name, (this.#watchers.get(name) ?? new Set()).add(watcher));
    signal?.addEventListener("abort", stop);
    this.#start();
    return stop;
  }

  /**
   * Reports each version of a row once, from either source.
   *
   * @returns false if it is older than what this process knows
   */
  report(key: RowKey, version: string): boolean {
    if (this.#options.isOlder(key, version)) return false;
    const name = rowName(key);
    const known = this.#reported.get(name) ?? this.#reportedBefore.get(name);
    this.#reported.set(name, version);
    if (known === version) return true;
    const watchers = [...(this.#watchers.get(name) ?? [])];
    for (const watcher of watchers) call(watcher);
    if (watchers.length > 0) this.#options.onNews(key, version);
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#watchers.clear();
    this.#stop();
  }

  #start(): void {
    if (this.#announcements !== null) return;
    const { database, fleet, location } = this.#options;
    const announcements = new Announcements({
      database,
      channel: channelOf(fleet),
      onAnnouncement: (payload) => this.#hear(payload),
      onReached: () => {
        if (this.#announcements !== announcements) return;
        if (this.#isSilent !== false) this.#options.emit({ type: "announcements-reached" });
        this.#isSilent = false;
        // Earlier announcements were missed.
        this.#poll();
      },
      onLost: (error) => {
        if (this.#announcements !== announcements || this.#isSilent === true) return;
        this.#isSilent = true;
        const what = `${location}: changes are not announced`;
        this.#options.emit({
          type: "announcements-lost",
          error: storeError(error, "STORAGE_READ_FAILED", what),
        });
      },
    });
    this.#announcements = announcements;
    this.#poll();
  }

  #stop(): void {
    this.#announcements?.stop();
    this.#announcements = null;
    clearTimeout(this.#timer);
    this.#since = null;
  }

  #hear(payload: string): void {
    const [kind, platform, id, version] = payload.split(" ");
    if (kind === undefined || platform === undefined || id === undefined || version === undefined) return;
    const key = { kind, platform, id };
    if (!this.report(key, version)) void this.#options.restore([key]).catch(() => {});
  }

  /** Polls now, and every few seconds from now on. */
  async #poll(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#isPolling) return;
    const turn = this.#announcements;
    this.#isPolling = true;
    const error = await this.#ask().catch((thrown: unknown) => thrown ?? new Error("unknown"));
    this.#isPolling = false;
    if (this.#announcements === null) return;
    if (this.#announcements !== turn) return void this.#poll();
    this.#noteAnswer(error);
    this.#timer = setTimeout(() => this.#poll(), this.#options.pollMs);
    this.#timer.unref();
  }

  async #ask(): Promise<null> {
    const rows = await this.#options.rows.changedSince(this.#since, { access: "read" });
    this.#reportedBefore = this.#reported;
    this.#reported = new Map();
    const older: RowKey[] = [];
    for (const row of rows) {
      const key = rowKeyOf(row);
      if (row.now !== null) this.#since = String(row.now);
      else if (!this.report(key, String(row.version))) older.push(key);
    }
    await this.#restore(String(rows.at(-1)?.server), older);
    return null;
  }

  /** Failures are retried with the next poll. */
  async #restore(server: string, older: readonly RowKey[]): Promise<void> {
    const isOther = this.#server !== null && this.#server !== server;
    const keys = isOther ? undefined : older;
    const isDone = keys?.length === 0 || (await this.#options.restore(keys).catch(() => null)) !== null;
    if (isDone || !isOther) this.#server = server;
  }

  #noteAnswer(error: unknown): void {
    const { emit, location } = this.#options;
    const isLost = error !== null;
    if (isLost === this.#isLost) return;
    this.#isLost = isLost;
    if (!isLost) emit({ type: "store-reached" });
    else {
      const known = isAuthError(error)
        ? error
        : storeError(error, "STORAGE_READ_FAILED", `${location} cannot be read`);
      emit({ type: "store-lost", error: known });
    }
  }
}

/** A watcher that throws must not prevent others from being called. */
function call(watcher: () => void): void {
  try {
    watcher();
  } catch {
    // The watcher's own error.
  }
}
