import type { LoadedResults, ResultEntry, ResultsLog, WorkspaceRef } from "../workspace-store.ts";
import { DURABLE, schemaOf } from "./schema.ts";
import type { SharedDatabase } from "./shared-database.ts";

export interface ResultsRowsOptions {
  readonly database: SharedDatabase;
  readonly fleet: string;
  readonly ref: WorkspaceRef;
  /** The results themselves are on the machine that announces them. */
  readonly files: ResultsLog;
}

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** The same number as in a workspace's file. */
const REMEMBERED = 500;
/** Marks a workspace that has a record but no results yet. */
const BEGUN = "";

/**
 * The results reported to a workspace, shared by all runners. A result is appended to the runner's file first and
 * becomes a row once it is announced: if the runner dies in between, the next one delivers it again, and none is lost.
 */
export class ResultsRows implements ResultsLog {
  readonly #options: ResultsRowsOptions;
  readonly #table: string;

  constructor(options: ResultsRowsOptions) {
    this.#options = options;
    this.#table = `${schemaOf(options.fleet)}.delivered`;
  }

  get location(): string {
    return this.#options.files.location;
  }

  async load(options: CallOptions = {}): Promise<LoadedResults> {
    const { database, files } = this.#options;
    const text = `select message from ${this.#table} where platform = $1 and id = $2
      order by delivered_at desc limit ${REMEMBERED + 1}`;
    const rows = await database.query("STORAGE_READ_FAILED", text, this.#key());
    options.signal?.throwIfAborted();
    const announced = rows.map(({ message }) => String(message)).reverse();
    const here = await files.load(options);
    const isAnnounced = new Set(announced);
    const delivered = [...new Set([...here.delivered, ...announced.filter((id) => id !== BEGUN)])];
    return {
      delivered: delivered.slice(-REMEMBERED),
      unannounced: here.unannounced.filter((id) => !isAnnounced.has(storable(id))),
      damagedLines: here.damagedLines,
      isNew: here.isNew && rows.length === 0,
    };
  }

  append(entries: readonly ResultEntry[], options?: CallOptions): Promise<void> {
    return this.#options.files.append(entries, options);
  }

  async markAnnounced(ids: readonly string[], options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const { database, files } = this.#options;
    const text = `with old as (delete from ${this.#table} where platform = $1 and id = $2 and message in (
          select message from ${this.#table} where platform = $1 and id = $2 and delivered_at < (
            select delivered_at from ${this.#table} where platform = $1 and id = $2
            order by delivered_at desc offset ${2 * REMEMBERED} limit 1)
          for update skip locked))
      insert into ${this.#table} (platform, id, message)
      select $1, $2, message from pg_catalog.unnest($3::text[]) as given (message) where ${DURABLE} on conflict do nothing`;
    const messages = ids.length === 0 ? [BEGUN] : [...new Set(ids.map(storable))];
    await database.query("STORAGE_WRITE_FAILED", text, [...this.#key(), messages]);
    await files.markAnnounced(ids, options);
  }

  #key(): readonly string[] {
    const { platformOrigin, workspaceId } = this.#options.ref;
    return [platformOrigin, workspaceId];
  }
}

/** PostgreSQL's text cannot contain a NUL. */
const storable = (id: string): string => id.replaceAll("\0", "\ufffd");
