import pg from "pg";
import { describe, expect, it } from "vitest";
import type { PostgresTokenStore, StoreCallOptions } from "../src/index.ts";
import { PrintKey } from "../src/print-key.ts";
import { REF, TestServer } from "./server.ts";

const server = new TestServer();

describe("a call whose signal aborts while all connections are in use", () => {
  const CALLS: Record<string, (store: PostgresTokenStore, options: StoreCallOptions) => unknown> = {
    read: (store, options) => store.storage(REF).read(options),
    write: (store, options) => store.storage(REF).write("new", options),
    replace: (store, options) => store.storage(REF).replace("old", "new", options),
    remove: (store, options) => store.storage(REF).remove(options),
    probe: (store, options) => store.storage(REF).probe(options),
    prepare: (store, options) => store.prepare(options),
    inspect: (store, options) => store.inspect(options),
    reseal: (store, options) => store.reseal(options),
  };

  it.each(Object.entries(CALLS))("rejects at once and changes nothing: %s", async (_, call) => {
    const { store, fleet, keys } = await server.prepared();
    await store.storage(REF).write("old");
    const pool = new pg.Pool({ connectionString: server.url, max: 1 });
    const client = await pool.connect();
    const control = new AbortController();
    const reason = new Error("enough");
    const calling = call(server.open({ pool, fleet, keys, timeoutMs: 4_000 }), { signal: control.signal });
    control.abort(reason);
    await expect(calling).rejects.toBe(reason);
    client.release();
    await pool.query("select 1");
    expect([pool.totalCount, pool.idleCount]).toEqual([1, 1]);
    expect(await store.storage(REF).read()).toBe("old");
    await pool.end();
  });
});

describe("a call whose signal aborts while its statement is carried out", () => {
  it("rejects at once if it reads, and is waited for if it writes", async () => {
    const { store, fleet } = await server.prepared();
    const storage = store.storage(REF);
    await storage.write("old");
    const operator = new pg.Client(server.url);
    await operator.connect();
    await operator.query(`begin; lock table "${fleet}".token`);
    const control = new AbortController();
    const reason = new Error("enough");
    const reading = storage.read({ signal: control.signal });
    const writing = storage.write("new", { signal: control.signal });
    const waiting = () => server.query("select 1 from pg_locks where not granted");
    await expect.poll(async () => (await waiting()).rowCount).toBe(2);
    control.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await operator.end();
    await writing;
    expect(await storage.read()).toBe("new");
  });
});

it("a print that is aborted before leaves no rejection of the shared load unhandled", async () => {
  const key = new PrintKey({ database: { query: () => Promise.reject(new Error("down")) } } as never);
  const reason = new Error("enough");
  const printing = key.print(
    { platform: "https://p.example", ...REF, kind: "auth" } as never,
    "token",
    AbortSignal.abort(reason),
  );
  await expect(printing).rejects.toBe(reason);
  await new Promise((resolve) => setImmediate(resolve));
});
