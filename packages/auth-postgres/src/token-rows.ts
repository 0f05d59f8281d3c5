import { createHash, randomBytes } from "node:crypto";
import { DURABLE, keyValues, type StoreContext } from "./context.ts";
import type { QueryOptions, Row } from "./database.ts";
import type { PrintKey } from "./print-key.ts";
import { rowName } from "./refs.ts";
import { channelOf } from "./schema.ts";
import type { RowKey } from "./seal.ts";

/** How many versions a row remembers. A failover that loses more of them is unlikely, and would look like a change. */
const MOST_VERSIONS = 16;

/** A secret and the versions of its row, separated by commas: its own first, then those it replaced. */
export interface Stored {
  /** `null`: it was removed. */
  readonly token: string | null;
  readonly history: string;
}

/** A row before it is opened. */
export type Found = Omit<Stored, "token"> & { readonly sealed: unknown };

const newVersion = (): string => randomBytes(9).toString("base64url");

export const versionsIn = (history: string): readonly string[] => history.split(",");

/** The row's own version. */
export const versionOf = (history: string): string => history.split(",", 1)[0] ?? "";

/**
 * How a row's history continues with a new version. Here and below, functions that take any type are named with their
 * schema: in `public`, where users of older servers may create functions, one for exactly these types would be called
 * instead, with this user's rights.
 */
const continued = (version: string, history: string) =>
  `(pg_catalog.array_cat(${version}, ${history}))[1:${MOST_VERSIONS}]`;

/** The row was free: if another session holds it, the statement fails rather than wait (55P03). */
const CHANGED = `${DURABLE} and (select count(*) from held) >= 0`;

const COLUMNS = "(platform, id, kind, sealed, print, history, changed_at)";
const INSERT = `${COLUMNS} select $1, $2, $3, $4::bytea, $5::bytea, $6::text[], clock_timestamp() where ${CHANGED}
  on conflict (platform, id, kind) do update set (sealed, print, history, changed_at)`;

const NEW_ROW = `${INSERT} = (excluded.sealed, excluded.print,
    ${continued("excluded.history", "stored.history")}, excluded.changed_at)`;

const OLD_ROW = `${INSERT} = (excluded.sealed, excluded.print, excluded.history, excluded.changed_at)
  where stored.history[1] = any(excluded.history[2:])`;

/** A fleet's sealed tokens. Each method runs one statement, and rejects with the driver's or the seal's error. */
export class TokenRows {
  readonly #context: StoreContext;
  readonly #printKey: PrintKey;

  constructor(context: StoreContext, printKey: PrintKey) {
    this.#context = context;
    this.#printKey = printKey;
  }

  async find(key: RowKey, options: QueryOptions): Promise<Found | null> {
    const { database, table } = this.#context;
    const text = `select sealed, pg_catalog.array_to_string(history, ',') as history from ${table}
      where platform = $1 and id = $2 and kind = $3`;
    const [row] = await database.query(text, keyValues(key), options);
    return row === undefined ? null : { sealed: row.sealed, history: String(row.history) };
  }

  /** @throws AuthError `STORAGE_READ_FAILED` */
  open(key: RowKey, { sealed, history }: Found): Stored {
    return { token: sealed === null ? null : this.#context.open(key, sealed).toString("utf8"), history };
  }

  /** @returns the row's history */
  async write(key: RowKey, token: string, options: QueryOptions): Promise<string> {
    const history = await this.#change(`insert into ${this.#context.table} as stored ${NEW_ROW}`, key, {
      values: [...(await this.#sealed(key, token, options)), [newVersion()]],
      options,
    });
    if (history === null) throw new Error("nothing was written");
    return history;
  }

  /** @returns the row's history; `null` if something other than `expected` is stored */
  async replace(
    key: RowKey,
    { expected, token }: { readonly expected: string | null; readonly token: string },
    options: QueryOptions,
  ): Promise<string | null> {
    const { table } = this.#context;
    const values = [...(await this.#sealed(key, token, options)), [newVersion()]];
    if (expected === null) {
      const text = `insert into ${table} as stored ${NEW_ROW} where stored.sealed is null`;
      return this.#change(text, key, { values, options });
    }
    const text = `update ${table} set sealed = $4::bytea, print = $5::bytea,
        history = ${continued("$6::text[]", "history")}, changed_at = clock_timestamp()
      where platform = $1 and id = $2 and kind = $3 and print = $7::bytea and ${CHANGED}`;
    return this.#change(text, key, {
      values: [...values, await this.#printKey.print(key, expected, options.signal)],
      options,
    });
  }

  /** Keeps the row, so that polling clients see the removal. @returns its history; `null` if nothing was stored */
  async remove(key: RowKey, options: QueryOptions): Promise<string | null> {
    const text = `update ${this.#context.table} set sealed = null, print = null,
        history = ${continued("$4::text[]", "history")}, changed_at = clock_timestamp()
      where platform = $1 and id = $2 and kind = $3 and sealed is not null and ${CHANGED}`;
    return this.#change(text, key, { values: [[newVersion()]], options });
  }

  /**
   * Stores a row as it was, if the database lacks it or holds one that it replaced.
   *
   * @returns its history; `null` if the database holds it, or one that it did not replace
   */
  async restore(key: RowKey, stored: Stored, options: QueryOptions): Promise<string | null> {
    const { token } = stored;
    const sealed = token === null ? [null, null] : await this.#sealed(key, token, options);
    return this.#change(`insert into ${this.#context.table} as stored ${OLD_ROW}`, key, {
      values: [...sealed, versionsIn(stored.history)],
      options,
    });
  }

  /** Stores a worthless row in the same durable way as a token. There are at most 256 such rows. */
  async probe(key: RowKey, options: QueryOptions): Promise<void> {
    const id = createHash("sha256").update(rowName(key)).digest()[0];
    await this.write({ platform: "", id: String(id), kind: "probe" }, "", options);
  }

  /**
   * Rows changed since the server's time `since` (`null`: now), or up to 30 s earlier, because a late commit has an
   * early timestamp. The last row contains only the server's time and, as `server`, when it was started.
   */
  async changedSince(since: string | null, options: QueryOptions): Promise<readonly Row[]> {
    const { database, table } = this.#context;
    // If the server's clock was set back, newer rows look older.
    const text = `select platform, id, kind, history[1] as version, null as now, null as server from ${table}
      where kind in ('auth', 'inbound')
        and changed_at > least($1::timestamptz, clock_timestamp()) - interval '30 seconds'
      union all select null, null, null, null, clock_timestamp()::text, extract(epoch from pg_postmaster_start_time())::text`;
    return database.query(text, [since ?? "infinity"], options);
  }

  /** Positions in the list, from 0, of rows that are missing, or older than given. */
  async lost(
    given: readonly { readonly key: RowKey; readonly history: string }[],
    options: QueryOptions,
  ): Promise<readonly number[]> {
    const { database, table } = this.#context;
    const text = `select given.number::int - 1 as index
      from unnest($1::text[], $2::text[], $3::text[], $4::text[])
        with ordinality as given (platform, id, kind, history, number)
      left join ${table} as stored using (platform, id, kind)
      where stored.history is null
        or stored.history[1] = any((string_to_array(given.history, ','))[2:])`;
    const values = [
      given.map(({ key }) => key.platform),
      given.map(({ key }) => key.id),
      given.map(({ key }) => key.kind),
      given.map(({ history }) => history),
    ];
    const rows = await database.query(text, values, options);
    return rows.map(({ index }) => Number(index));
  }

  /** Changes a row and announces its version in the same commit. */
  async #change(
    changing: string,
    key: RowKey,
    { values, options }: { readonly values: readonly unknown[]; readonly options: QueryOptions },
  ): Promise<string | null> {
    const { database, fleet, table } = this.#context;
    // At most 8,000 bytes can be announced; what is cut off is found by polling.
    const announcing = `pg_notify('${channelOf(fleet)}', left(pg_catalog.concat_ws(' ', kind, platform, id, history[1]), 7999))`;
    const text = `with held as (select 1 from ${table} where platform = $1 and id = $2 and kind = $3
        for no key update nowait),
      changed as (${changing} returning platform, id, kind, history)
      select pg_catalog.array_to_string(history, ',') as history, ${key.kind === "probe" ? "null" : announcing} from changed`;
    const [row] = await database.query(text, [...keyValues(key), ...values], options);
    return row === undefined ? null : String(row.history);
  }

  async #sealed(key: RowKey, token: string, { signal }: QueryOptions): Promise<readonly [Buffer, Buffer]> {
    const print = await this.#printKey.print(key, token, signal);
    return [this.#context.seal(key, Buffer.from(token, "utf8")), print];
  }
}
