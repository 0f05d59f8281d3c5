import { startPostgres } from "@x/auth-postgres/embedded";
import pg from "pg";
import { prepareTables } from "../src/storage/postgres/prepare-tables.ts";
import { schemaOf } from "../src/storage/postgres/schema.ts";

/** The fleet's database, with a record of renewals and evictions. */
export type Database = Awaited<ReturnType<typeof startDatabase>>;

/** @param prepare creates the tables of the tokens */
export async function startDatabase(fleet: string, prepare: (url: string) => Promise<void>) {
  const postgres = await startPostgres();
  const { url } = postgres;
  const schema = schemaOf(fleet);
  const query = async (text: string, values: readonly unknown[] = []) => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on("error", () => {});
    await client.connect();
    try {
      return (await client.query({ text, values: [...values] })).rows;
    } finally {
      await client.end();
    }
  };
  await prepare(url);
  await prepareTables({ url, fleet, location: "the store" });
  for (const statement of auditTriggers(schema)) await query(statement);
  return { postgres, url, schema, query };
}

const auditTriggers = (schema: string): readonly string[] => [
  `create table ${schema}.audit (id text, what text, at timestamptz default clock_timestamp())`,
  `create function ${schema}.note() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' then
        -- An eviction frees the shards itself; a runner that leaves has released them before.
        if exists (select 1 from ${schema}.shard where owner = old.id or xmin = pg_current_xact_id()::xid) then
          insert into ${schema}.audit (id, what) values (old.id, 'evicted');
        end if;
        return old;
      end if;
      insert into ${schema}.audit (id, what) values (new.id, 'renewed');
      return new;
    end $$`,
  `create trigger note before insert or update or delete on ${schema}.runner
    for each row execute function ${schema}.note()`,
  `create function ${schema}.note_token() returns trigger language plpgsql as $$
    begin
      insert into ${schema}.audit (id, what) values (new.id, 'overwritten');
      return new;
    end $$`,
  `create trigger note_token before update on ${schema}.token for each row
    when (old.kind = 'auth' and old.print is not null and new.print is distinct from old.print)
    execute function ${schema}.note_token()`,
];
