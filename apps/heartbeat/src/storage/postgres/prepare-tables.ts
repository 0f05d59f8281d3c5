import pg from "pg";
import { databaseError } from "./database-error.ts";
import { CLUSTER_TABLES, clusterTables, insertShards, SHARDS, schemaOf } from "./schema.ts";

export interface PrepareTablesOptions {
  readonly url: string;
  /** Also the name of the schema, which exists. */
  readonly fleet: string;
  /** Display name. */
  readonly location: string;
}

const TIMEOUT_MS = 10_000;

/**
 * Creates the tables of a fleet's runners, unless they exist, and the shards that are missing.
 *
 * @throws AuthError `STORAGE_WRITE_FAILED`
 */
export async function prepareTables({ url, fleet, location }: PrepareTablesOptions): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  client.on("error", () => {});
  const tables = Object.keys(CLUSTER_TABLES);
  try {
    await client.connect();
    // In one transaction; concurrent calls run one after another.
    await client.query("begin isolation level read committed");
    await client.query("select pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))", [
      `heartbeat ${fleet}`,
    ]);
    // For a user that may only use the tables, it is enough that they exist.
    const { rows } = await client.query<{ readonly count: number }>(
      "select count(*)::int as count from pg_catalog.pg_tables where schemaname = $1 and tablename = any($2)",
      [fleet, tables],
    );
    if (rows[0]?.count !== tables.length)
      for (const statement of clusterTables(fleet)) await client.query(statement);
    const shards = await client.query<{ readonly count: number }>(
      `select count(*)::int as count from ${schemaOf(fleet)}.shard`,
    );
    if (shards.rows[0]?.count !== SHARDS) await client.query(insertShards(fleet));
    await client.query("commit");
  } catch (error) {
    throw databaseError(error, "STORAGE_WRITE_FAILED", location);
  } finally {
    await client.end().catch(() => {});
  }
}
