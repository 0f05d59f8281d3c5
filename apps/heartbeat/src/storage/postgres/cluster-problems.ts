import { CLUSTER_TABLES, schemaOf } from "./schema.ts";
import type { SharedDatabase } from "./shared-database.ts";

const RIGHTS = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/**
 * What keeps this user from using the tables of a fleet's runners, a sentence each with the way out. The schema is there.
 *
 * @throws AuthError when the database cannot be reached
 */
export async function clusterProblems(database: SharedDatabase, fleet: string): Promise<readonly string[]> {
  const text = `select name, to_regclass(name) is null as is_missing, string_agg(wanted, ', ') as lacking
    from unnest($1::text[]) as tables (name), unnest($2::text[]) as rights (wanted)
    where to_regclass(name) is null or not has_table_privilege(to_regclass(name), wanted)
    group by name order by name`;
  const names = CLUSTER_TABLES.map((table) => `${schemaOf(fleet)}.${table}`);
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
  return problems;
}
