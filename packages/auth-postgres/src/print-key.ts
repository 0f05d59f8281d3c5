import { randomBytes } from "node:crypto";
import { AuthError, type Signal } from "@x/auth-core";
import { DURABLE, keyValues, type StoreContext } from "./context.ts";
import type { Row } from "./database.ts";
import { printOf, type RowKey } from "./seal.ts";

const PRINT_KEY: RowKey = { platform: "", id: "", kind: "print-key" };

type Query = (text: string, values: readonly unknown[]) => Promise<readonly Row[]>;

/**
 * The fleet's key for prints (keyed hashes), with which the database compares tokens without seeing them. Stored
 * sealed, so that it does not change when the encryption keys do.
 */
export class PrintKey {
  readonly #context: StoreContext;
  #read: Promise<Buffer> | null = null;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** @throws the driver's error; AuthError `STORAGE_READ_FAILED` if there is none, or none of the keys opens it */
  async print(key: RowKey, token: string, signal: Signal | undefined): Promise<Buffer> {
    return printOf(await unlessAborted(this.load(), signal), { fleet: this.#context.fleet, ...key }, token);
  }

  /** One load shared by all callers. */
  load(): Promise<Buffer> {
    this.#read ??= this.#load().catch((error: unknown) => {
      this.#read = null;
      throw error;
    });
    return this.#read;
  }

  /** Makes the next use read it again: the database may be another one. */
  forget(): void {
    this.#read = null;
  }

  async #load(): Promise<Buffer> {
    const { database, table, fleet } = this.#context;
    const text = `select sealed from ${table} where kind = 'print-key'`;
    const [row] = await database.query(text, [], { access: "read" });
    if (row?.sealed) return this.#context.open(PRINT_KEY, row.sealed);
    throw new AuthError(
      "STORAGE_READ_FAILED",
      `The store ${fleet} is not set up completely; run \`heartbeat store init\`, or call prepare().`,
    );
  }

  /** Creates it if missing. @throws AuthError `STORAGE_WRITE_FAILED` if existing prints were made with a lost one */
  async create(query: Query): Promise<void> {
    const { table, fleet } = this.#context;
    const [found] = await query(
      `select count(*) filter (where kind = 'print-key') as keys, pg_catalog.count(print) as tokens from ${table}`,
      [],
    );
    if (Number(found?.keys) > 0) return;
    if (Number(found?.tokens) > 0) {
      throw new AuthError(
        "STORAGE_WRITE_FAILED",
        `The store ${fleet} contains tokens, but the row (kind print-key) needed to compare them is missing; restore it from a backup.`,
      );
    }
    const text = `insert into ${table} (platform, id, kind, sealed, history, changed_at)
      select $1, $2, $3, $4::bytea, '{}', clock_timestamp() where ${DURABLE}`;
    await query(text, [...keyValues(PRINT_KEY), this.#context.seal(PRINT_KEY, randomBytes(32))]);
  }
}

/** Stops waiting for work that others wait for as well. */
function unlessAborted<T>(work: Promise<T>, signal: Signal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal?.removeEventListener("abort", abort));
  });
}
