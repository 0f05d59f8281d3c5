import { CLUSTER_TABLES, OTHER_VERSION, SHARDS, schemaOf } from "./schema.ts";
import type { SharedDatabase } from "./shared-database.ts";

const RIGHTS = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/**
 * Why this user cannot use the tables of a fleet's runners, a sentence with the fix for each problem. The schema must
 * exist.
 *
 * @throws AuthError when the database cannot be reached
 */
export async function clusterProblems(database: SharedDatabase, fleet: string): Promise<readonly string[]> {
  const text = `select name, to_regclass(name) is null as is_missing, string_agg(wanted, ', ') as lacking
    from pg_catalog.unnest($1::text[]) as tables (name), pg_catalog.unnest($2::text[]) as rights (wanted)
    where to_regclass(name) is null or not pg_catalog.has_table_privilege(to_regclass(name), wanted)
    group by name order by name`;
  const names = Object.keys(CLUSTER_TABLES).map((table) => `${schemaOf(fleet)}.${table}`);
  const rows = await database.query("STORAGE_READ_FAILED", text, [names, RIGHTS]);
  const missing = rows.filter((row) => row.is_missing === true).map(({ name }) => name);
  const denied = rows.filter((row) => row.is_missing !== true);
  const problems: string[] = [];
  if (missing.length > 0)
    problems.push(
      `${database.location}: there is no ${missing.join(", ")}; it is not set up; run \`heartbeat store init\`.`,
    );
  if (denied.length > 0) {
    const lacking = denied.map(({ name, lacking }) => `${lacking} on ${name}`).join("; ");
    problems.push(
      `${database.location}: this user lacks ${lacking}; grant ${RIGHTS.join(", ")} on all tables in schema ${schemaOf(fleet)}.`,
    );
  }
  return problems.length > 0 ? problems : contentProblems(database, fleet);
}

/** Checks the content of tables that exist and that this user may use. */
async function contentProblems(database: SharedDatabase, fleet: string): Promise<readonly string[]> {
  const schema = schemaOf(fleet);
  const wanted = Object.entries(CLUSTER_TABLES).flatMap(([table, columns]) =>
    columns.map((column) => ({ table: `${schema}.${table}`, column })),
  );
  const columns = `select name, wanted from unnest($1::text[], $2::text[]) as given (name, wanted)
    where not exists (select 1 from pg_catalog.pg_attribute
      where attrelid = to_regclass(name) and attname = wanted and not attisdropped)`;
  const missing = await database.query("STORAGE_READ_FAILED", columns, [
    wanted.map(({ table }) => table),
    wanted.map(({ column }) => column),
  ]);
  if (missing.length > 0) {
    const names = missing.map(({ name, wanted }) => `${name}.${wanted}`).join(", ");
    return [`${database.location}: there is no column ${names}; ${OTHER_VERSION}.`];
  }
  const count = `select count(*)::int as count from ${schema}.shard`;
  const [shards] = await database.query("STORAGE_READ_FAILED", count, []);
  const lost = SHARDS - Number(shards?.count);
  if (lost <= 0) return [];
  return [
    `${database.location}: ${lost} of ${SHARDS} rows of ${schema}.shard are missing, and no runner can own their workspaces; run \`heartbeat store init\`.`,
  ];
}
