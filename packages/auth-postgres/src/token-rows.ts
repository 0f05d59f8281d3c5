import { createHash } from "node:crypto";
import { DURABLE, keyValues, type StoreContext, VERSION } from "./context.ts";
import type { QueryOptions, Row } from "./database.ts";
import type { PrintKey } from "./print-key.ts";
import { rowName } from "./refs.ts";
import { channelOf } from "./schema.ts";
import type { RowKey } from "./seal.ts";

/** The result of comparing a stored token with a given one. */
export type Comparison = "same" | "other" | "none";

const NEW_ROW = `(platform, id, kind, sealed, print, version, changed_at)
  select $1, $2, $3, $4::bytea, $5::bytea, ${VERSION}, clock_timestamp() where ${DURABLE}
  on conflict (platform, id, kind) do update
  set (sealed, print, version, changed_at)
    = (excluded.sealed, excluded.print, excluded.version, excluded.changed_at)`;

/** A fleet's sealed tokens. Each method runs one statement, and rejects with the driver's or the seal's error. */
export class TokenRows {
  readonly #context: StoreContext;
  readonly #printKey: PrintKey;

  constructor(context: StoreContext, printKey: PrintKey) {
    this.#context = context;
    this.#printKey = printKey;
  }

  async read(key: RowKey, options: QueryOptions): Promise<string | null> {
    const { database, table } = this.#context;
    const text = `select sealed from ${table} where platform = $1 and id = $2 and kind = $3`;
    const [row] = await database.query(text, keyValues(key), options);
    return row?.sealed instanceof Uint8Array ? this.#context.open(key, row.sealed).toString("utf8") : null;
  }

  /** @returns the row's version */
  async write(key: RowKey, token: string, options: QueryOptions): Promise<string> {
    const version = await this.#change(`insert into ${this.#context.table} ${NEW_ROW}`, key, {
      values: await this.#sealed(key, token),
      options,
    });
    if (version === null) throw new Error("nothing was written");
    return version;
  }

  /** @returns the row's version; `null` if something other than `expected` is stored */
  async replace(
    key: RowKey,
    { expected, token }: { readonly expected: string | null; readonly token: string },
    options: QueryOptions,
  ): Promise<string | null> {
    const { table } = this.#context;
    const values = await this.#sealed(key, token);
    if (expected === null) {
      const text = `insert into ${table} as stored ${NEW_ROW} where stored.sealed is null`;
      return this.#change(text, key, { values, options });
    }
    const text = `update ${table}
      set sealed = $4::bytea, print = $5::bytea, version = ${VERSION}, changed_at = clock_timestamp()
      where platform = $1 and id = $2 and kind = $3 and print = $6::bytea and ${DURABLE}`;
    return this.#change(text, key, {
      values: [...values, await this.#printKey.print(key, expected)],
      options,
    });
  }

  /** Keeps the row, so that polling clients see the removal. @returns its version; `null` if nothing was stored */
  async remove(key: RowKey, options: QueryOptions): Promise<string | null> {
    const text = `update ${this.#context.table}
      set sealed = null, print = null, version = ${VERSION}, changed_at = clock_timestamp()
      where platform = $1 and id = $2 and kind = $3 and sealed is not null and ${DURABLE}`;
    return this.#change(text, key, { values: [], options });
  }

  /** Stores a worthless row in the same durable way as a token. There are at most 256 such rows. */
  async probe(key: RowKey, options: QueryOptions): Promise<void> {
    const id = createHash("sha256").update(rowName(key)).digest()[0];
    await this.write({ platform: "", id: String(id), kind: "probe" }, "", options);
  }

  /**
   * Rows changed since the server's time `since` (`null`: now), or up to 30 s earlier, because a late commit has an
   * early timestamp. The last row contains only the server's time.
   */
  async changedSince(since: string | null, options: QueryOptions): Promise<readonly Row[]> {
    const { database, table } = this.#context;
    // If the server's clock was set back, newer rows look older.
    const text = `select platform, id, kind, version, null as now from ${table}
      where kind in ('auth', 'inbound')
        and changed_at > least($1::timestamptz, clock_timestamp()) - interval '30 seconds'
      union all select null, null, null, null, clock_timestamp()::text`;
    return database.query(text, [since ?? "infinity"], options);
  }

  async compare(
    tokens: readonly { readonly key: RowKey; readonly token: string }[],
    options: QueryOptions,
  ): Promise<readonly Comparison[]> {
    const { database, table } = this.#context;
    const text = `select case when stored.print is null then 'none'
        when stored.print = given.print then 'same' else 'other' end as found
      from unnest($1::text[], $2::text[], $3::text[], $4::bytea[])
        with ordinality as given (platform, id, kind, print, number)
      left join ${table} as stored using (platform, id, kind) order by given.number`;
    const values = [
      tokens.map(({ key }) => key.platform),
      tokens.map(({ key }) => key.id),
      tokens.map(({ key }) => key.kind),
      await Promise.all(tokens.map(({ key, token }) => this.#printKey.print(key, token))),
    ];
    const rows = await database.query(text, values, options);
    return rows.map(({ found }) => found as Comparison);
  }

  /** Changes a row and announces its version in the same commit. */
  async #change(
    changing: string,
    key: RowKey,
    { values, options }: { readonly values: readonly unknown[]; readonly options: QueryOptions },
  ): Promise<string | null> {
    const { database, fleet } = this.#context;
    const announcing = `pg_notify('${channelOf(fleet)}', concat_ws(' ', kind, platform, id, version))`;
    const text = `with changed as (${changing} returning platform, id, kind, version)
      select version, ${key.kind === "probe" ? "null" : announcing} from changed`;
    const [row] = await database.query(text, [...keyValues(key), ...values], options);
    return row === undefined ? null : String(row.version);
  }

  async #sealed(key: RowKey, token: string): Promise<readonly [Buffer, Buffer]> {
    return [this.#context.seal(key, Buffer.from(token, "utf8")), await this.#printKey.print(key, token)];
  }
}
