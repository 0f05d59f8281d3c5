import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { postgresTokenStore } from "@x/auth-postgres";
import { type EmbeddedPostgres, startPostgres } from "@x/auth-postgres/embedded";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { clusterTables } from "../../src/storage/postgres/schema.ts";
import { temporaryDirectory } from "../support/directory.ts";

/** A database server for one test file, started before its tests and stopped after them. */
export function testServer() {
  let server: EmbeddedPostgres | undefined;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server?.stop());
  const started = () => {
    if (server === undefined) throw new Error("the server has not been started");
    return server;
  };
  return {
    get url() {
      return started().url;
    },
    get postgres() {
      return started();
    },
    /** Executes statements as the superuser, and returns the rows of the last one. */
    query: (...statements: readonly string[]) => execute(started().url, ...statements),
  };
}

export const newKey = (): string => randomBytes(32).toString("base64url");

/** The environment of a command, with a new fleet's key file. */
export async function storeEnvironment(url: string) {
  const directory = temporaryDirectory();
  const keyFile = join(directory, "store.key");
  const key = newKey();
  await writeFile(keyFile, `${key}\n`, { mode: 0o600 });
  return { directory, key, keyFile, env: { HEARTBEAT_STORE: url, HEARTBEAT_STORE_KEY_FILE: keyFile } };
}

let count = 0;

/** Creates a schema that no other test uses, and returns its name. */
export async function newFleet(url: string, key: string = newKey()): Promise<string> {
  count += 1;
  const fleet = `fleet-${process.pid}-${count}`;
  const store = postgresTokenStore({ url, fleet, keys: [key] });
  await store.prepare();
  await store.close();
  await execute(url, ...clusterTables(fleet));
  return fleet;
}

/** Returns the rows of the last statement. */
export async function execute(url: string, ...statements: readonly string[]): Promise<readonly object[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: readonly object[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** Another session that holds these rows until it is released. */
export async function holdRows(url: string, rows: string): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`begin; select 1 from ${rows} for update`);
  return { release: () => client.end() };
}

/** Does something on a server whose commits, unless they are waited for, reach the disk by chance and late. */
export async function whileLazy(url: string, work: () => Promise<void>): Promise<void> {
  const reload = "select pg_reload_conf()";
  await execute(url, "alter database postgres set synchronous_commit = off");
  await execute(url, "alter system set wal_writer_delay = '10s'");
  await execute(url, reload);
  try {
    await work();
  } finally {
    await execute(url, "alter database postgres reset synchronous_commit");
    await execute(url, "alter system reset wal_writer_delay");
    await execute(url, reload);
  }
}

/** All rows of all tables of a fleet, as a dump has them. */
export async function everyRow(url: string, fleet: string): Promise<string> {
  const tables = await execute(url, `select tablename from pg_tables where schemaname = '${fleet}'`);
  const rows: string[] = [];
  for (const table of tables) {
    const found = await execute(
      url,
      `select t::text as text from "${fleet}"."${Object(table).tablename}" as t`,
    );
    rows.push(...found.map((row) => String(Object(row).text)));
  }
  return rows.join("\n");
}
