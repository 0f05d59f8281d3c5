import pg from "pg";
import { beforeAll, expect, it } from "vitest";
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

it("an aborted write is not repeated", async () => {
  const { store, fleet } = await server.prepared();
  await store.storage(REF).write("old");
  const other = new pg.Client(server.url);
  await other.connect();
  await other.query(`begin; update "${fleet}".token set changed_at = now() where kind = 'auth'`);
  const control = new AbortController();
  const reason = new Error("enough");
  const rejected = expect(store.storage(REF).write("new", { signal: control.signal })).rejects.toBe(reason);
  const waiting = () => server.query("select 1 from pg_locks where not granted");
  await expect.poll(async () => (await waiting()).rowCount).toBeGreaterThan(0);
  control.abort(reason);
  await other.query("commit");
  await rejected;
  await other.end();
  expect(await store.storage(REF).read()).toBe("old");
});
