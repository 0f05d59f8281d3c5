import { AuthError } from "@x/auth-core";
import type { PostgresClient } from "./client.ts";
import type { StoreContext } from "./context.ts";
import type { QueryOptions, Row } from "./database.ts";
import { kindOf } from "./errors.ts";
import type { PrintKey } from "./print-key.ts";
import { createTables } from "./schema.ts";

/** Creates missing tables; concurrent calls run one at a time. */
export async function prepare(
  context: StoreContext,
  printKey: PrintKey,
  options: QueryOptions,
): Promise<void> {
  const { database, fleet } = context;
  await database.use(async (client) => {
    const query = querying(client);
    // Another level would not see what was created while waiting for the lock.
    await query("begin isolation level read committed", []);
    await query("select pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))", [
      `@x/auth-postgres ${fleet}`,
    ]);
    const [found] = await query(
      "select count(*) as tables from pg_catalog.pg_tables where schemaname = $1 and tablename = 'token'",
      [fleet],
    );
    // Users who may only access the table may call this as well.
    if (Number(found?.tables) === 0) await createAll(fleet, query);
    await printKey.create(query);
    await query("commit", []);
  }, options);
}

type Query = (text: string, values: readonly unknown[]) => Promise<readonly Row[]>;

async function createAll(fleet: string, query: Query): Promise<void> {
  try {
    for (const statement of createTables(fleet)) await query(statement, []);
  } catch (error) {
    if (kindOf(error).code !== "42501") throw error;
    throw new AuthError(
      "STORAGE_WRITE_FAILED",
      `This user may not set up the store ${fleet}: use one that may create a schema in this database (GRANT CREATE ON DATABASE).`,
    );
  }
}

const querying =
  (client: PostgresClient): Query =>
  async (text, values) => {
    const { rows } = await client.query({ text, values: [...values] });
    return rows as readonly Row[];
  };
