import { isAuthError } from "@x/auth-core";
import type { StoreContext } from "./context.ts";
import type { QueryOptions, Row } from "./database.ts";
import { kindOf, storeError } from "./errors.ts";
import type { PrintKey } from "./print-key.ts";
import { COLUMNS, OTHER_VERSION, quoted } from "./schema.ts";
import type { StoreInspection, StoreProblem, StoreProblemCode } from "./types.ts";

/** The server is reachable but denies this user access. */
const DENIED = /^(28|3D|42501)/;
const OLDEST = 130_000;
const RIGHTS = ["SELECT", "INSERT", "UPDATE"];

export interface InspectionOptions {
  readonly printKey: PrintKey;
  /** The store's name for people. */
  readonly location: string;
  readonly query: QueryOptions;
}

/** @throws the driver's error if the server is unreachable */
export async function inspect(context: StoreContext, options: InspectionOptions): Promise<StoreInspection> {
  const { location } = options;
  const problem = (code: StoreProblemCode, why: string): StoreProblem => ({
    code,
    message: `${location}: ${why}.`,
  });
  const server = await askServer(context, options);
  if ("denied" in server) {
    const denied = { code: "ACCESS_DENIED", message: String(server.denied) } as const;
    return { serverVersion: "unknown", tokens: null, problems: [denied] };
  }
  const problems: StoreProblem[] = [];
  if (Number(server.number) < OLDEST) {
    problems.push(problem("SERVER_TOO_OLD", "the server is older than PostgreSQL 13; upgrade it"));
  }
  if (server.fsync === "off") {
    const why = "the server runs with fsync=off, and may lose acknowledged writes";
    problems.push(problem("FSYNC_OFF", `${why}; set fsync = on in postgresql.conf, and restart it`));
  }
  if (server.recovering === true) {
    const why = "the server is in recovery (a standby), and takes no writes; connect to the primary";
    problems.push(problem("IN_RECOVERY", why));
  }
  const serverVersion = String(server.version).split(" ")[0] ?? "unknown";
  if (Number(server.tables) !== 1) {
    const why = "the store is not set up; run `heartbeat store init`, or call prepare()";
    problems.push(problem("NOT_PREPARED", why));
    return { serverVersion, tokens: null, problems };
  }
  const columns = server.columns as readonly string[];
  const lacking = COLUMNS.filter((name) => !columns.includes(name));
  if (lacking.length > 0) {
    problems.push(problem("NOT_PREPARED", `the table lacks ${lacking.join(", ")}: ${OTHER_VERSION}`));
    return { serverVersion, tokens: null, problems };
  }
  const missing = await missingRights(context, options);
  if (missing.length > 0) {
    const grant = `grant USAGE on schema ${quoted(context.fleet)}, and ${RIGHTS.join(", ")} on ${context.table}`;
    problems.push(problem("PERMISSION_MISSING", `this user lacks ${missing.join(", ")}; ${grant}`));
    return { serverVersion, tokens: null, problems };
  }
  const tokens = await countTokens(context, options).catch((error: unknown) => {
    if (!isAuthError(error)) throw error;
    problems.push({ code: "KEY_WRONG", message: error.message });
    return null;
  });
  return { serverVersion, tokens, problems };
}

async function askServer(
  { database, fleet }: StoreContext,
  { query, location }: InspectionOptions,
): Promise<Row> {
  const text = `select current_setting('server_version') as version,
    current_setting('server_version_num') as number, current_setting('fsync') as fsync,
    pg_is_in_recovery() as recovering,
    (select count(*)::int from pg_catalog.pg_tables where schemaname = $1 and tablename = 'token') as tables,
    array(select a.attname::text from pg_catalog.pg_attribute as a
      join pg_catalog.pg_class as c on c.oid = a.attrelid join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = 'token' and a.attnum > 0 and not a.attisdropped) as columns`;
  try {
    const [server] = await database.query(text, [fleet], query);
    return server ?? {};
  } catch (error) {
    const { code, isServers } = kindOf(error);
    const isDenied = code === "PASSWORD_MISSING" || (isServers && DENIED.test(code ?? ""));
    if (!isDenied) throw error;
    return { denied: storeError(error, "STORAGE_READ_FAILED", location).message };
  }
}

/** Queries the catalog, which every user may read. */
async function missingRights(
  { database, fleet }: StoreContext,
  { query }: InspectionOptions,
): Promise<readonly string[]> {
  const text = `select wanted || ' on the table' as missing
      from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        cross join pg_catalog.unnest($2::text[]) as wanted
      where n.nspname = $1 and c.relname = 'token' and not has_table_privilege(c.oid, wanted)
    union all select 'USAGE on the schema' from pg_catalog.pg_namespace
      where nspname = $1 and not has_schema_privilege(oid, 'USAGE')`;
  const rows = await database.query(text, [fleet, RIGHTS], query);
  return rows.map(({ missing }) => String(missing));
}

/** Also opens the store's print key, which requires the same keys as the tokens. */
async function countTokens(context: StoreContext, { printKey, query }: InspectionOptions): Promise<number> {
  const { database, table } = context;
  printKey.forget();
  await printKey.load();
  const text = `select count(*)::int as tokens from ${table} where kind = 'auth' and sealed is not null`;
  const [row] = await database.query(text, [], query);
  return Number(row?.tokens);
}
