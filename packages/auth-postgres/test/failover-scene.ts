import type { PostgresStoreEvent } from "../src/index.ts";
import { REF, type TestServer } from "./server.ts";

/** Two processes, and what the database contained before the second token. */
export async function failoverScene(server: TestServer) {
  const { store, fleet, keys } = await server.prepared({ pollMs: 100 });
  const table = `"${fleet}".token`;
  const events: PostgresStoreEvent[] = [];
  const other = server.open({ fleet, keys, pollMs: 100, onEvent: (event) => events.push(event) });
  const restored = () =>
    events.reduce((sum, event) => sum + (event.type === "tokens-restored" ? event.count : 0), 0);
  const loseAll = () => server.query(`delete from ${table} where kind <> 'print-key'`);
  const snapshot = async () => {
    const { rows } = await server.query(`select * from ${table} where kind <> 'print-key'`);
    // Each row at once: a process that polls meanwhile would otherwise see that it is missing.
    return async () => {
      for (const row of rows)
        await server.query(
          `insert into ${table} (platform, id, kind, sealed, print, history, changed_at)
            values ($1, $2, $3, $4, $5, $6, $7) on conflict (platform, id, kind) do update
            set sealed = excluded.sealed, print = excluded.print, history = excluded.history,
              changed_at = excluded.changed_at`,
          [row.platform, row.id, row.kind, row.sealed, row.print, row.history, row.changed_at],
        );
    };
  };
  /** What a process finds that knows nothing. */
  const stored = async () => {
    const fresh = server.open({ fleet, keys });
    return fresh.storage(REF).read();
  };
  await store.storage(REF).write("first");
  return { store, other, fleet, keys, table, restored, loseAll, stored, revert: await snapshot() };
}
