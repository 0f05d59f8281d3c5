import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { beforeAll, expect, it, vi } from "vitest";
import { newFleet, newKey, REF, TestServer } from "./server.ts";

const server = new TestServer();
const PROCESSES = 6;

beforeAll(() => server.query("alter database postgres set default_transaction_isolation = 'serializable'"));

it("several processes set up and change a store whose default isolation level is serializable", async () => {
  const shared = { fleet: newFleet(), keys: [newKey()] };
  const stores = Array.from({ length: PROCESSES }, () => server.open(shared));
  await Promise.all(stores.map((store) => store.prepare()));
  const storages = stores.map((store) => store.storage(REF));
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(storages.map((storage, index) => storage.write(`written-${round}-${index}`)));
    const expected = await storages[0]?.read();
    const won = await Promise.all(
      storages.map((storage, index) => storage.replace(expected ?? null, `token-${round}-${index}`)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await storages[1]?.read()).toBe(`token-${round}-${won.indexOf(true)}`);
    await Promise.all(storages.map((storage) => storage.remove()));
  }
});

async function isWaiting(): Promise<boolean> {
  const { rowCount } = await server.query("select from pg_stat_activity where wait_event_type = 'Lock'");
  return rowCount === 1;
}

it.each(["holds", "creates"])(
  "an aborted write is not repeated while another session %s the row",
  async (does) => {
    const { store, fleet } = await server.prepared();
    const table = `"${fleet}".token`;
    const { workspaceId } = REF;
    await store.storage({ ...REF, workspaceId: does === "holds" ? workspaceId : "agent-8" }).write("old");
    const versions = `select history[1] as version from ${table} where kind = 'auth' and id = '${workspaceId}'`;
    const other = new pg.Client(server.url);
    await other.connect();
    await other.query("begin");
    await other.query(
      does === "holds"
        ? `update ${table} set changed_at = now() where kind = 'auth'`
        : `insert into ${table} select platform, '${workspaceId}', kind, sealed, print, history, changed_at from ${table} where kind = 'auth'`,
    );
    const before = (await other.query(versions)).rows;
    const control = new AbortController();
    const reason = new Error("enough");
    const rejected = expect(store.storage(REF).write("new", { signal: control.signal })).rejects.toBe(reason);
    if (does === "creates") await vi.waitUntil(isWaiting, 5_000);
    else await setTimeout(200);
    control.abort(reason);
    // A statement that waits in the server is still carried out, or fails, once the row is free.
    if (does === "creates") await other.query("commit");
    await rejected;
    await other.end();
    expect((await server.query(versions)).rows).toEqual(before);
  },
);
