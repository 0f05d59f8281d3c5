import { randomBytes } from "node:crypto";
import { runInNewContext } from "node:vm";
import pg from "pg";
import { describe, expect, it, vi } from "vitest";
import { failure } from "./failure.ts";
import { newFleet, newKey, REF, TestServer } from "./server.ts";
import { TransactionPooler } from "./transaction-pooler.ts";

const server = new TestServer();

describe("a caller's pool", () => {
  it("is used, also with other options that are null, as JSON has them, and left open", async () => {
    const pool = new pg.Pool({ connectionString: server.url, max: 2 });
    const absent = { url: null, timeoutMs: null, pollMs: null, onEvent: null } as object;
    const { store } = await server.prepared({ pool, ...absent });
    try {
      const storage = store.storage(REF);
      await storage.write("stored");
      expect(await storage.read({ platformOrigin: null, signal: null } as object)).toBe("stored");
      await store.close();
      expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    } finally {
      await pool.end();
    }
    expect((await failure(store.storage(REF).read())).message).toMatch(
      /the store was closed, or its pool was ended \(Error POOL_ENDED\)\.$/,
    );
  });

  it("may parse values in its own way: a token is read, or is an error, but never counts as none", async () => {
    const { store, fleet, keys } = await server.prepared();
    await store.storage(REF).write("stored");
    const parse = { bytea: (text: string): unknown => text, int4: BigInt };
    const ofOid = new Map<number, (text: string) => unknown>([
      [17, (text) => parse.bytea(text)],
      [23, (text) => parse.int4(text)],
    ]);
    const getTypeParser = ((oid: number, format: "text") =>
      ofOid.get(oid) ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;
    const pool = new pg.Pool({ connectionString: server.url, types: { getTypeParser } });
    try {
      const strange = server.open({ pool, fleet, keys });
      const notBytes = expect.stringContaining("was not read as bytes: let pg.types parse bytea");
      const storage = strange.storage(REF);
      expect(await failure(storage.read())).toEqual({ code: "STORAGE_READ_FAILED", message: notBytes });
      expect(await strange.inspect()).toMatchObject({ problems: [{ message: notBytes }] });
      // As in a test runner that gives each file a realm of its own.
      parse.bytea = (text) =>
        runInNewContext("new Uint8Array(bytes)", { bytes: Buffer.from(text.slice(2), "hex") });
      expect(await storage.read()).toBe("stored");
      expect(await storage.replace("stored", "next")).toBe(true);
      expect(await strange.inspect()).toMatchObject({ problems: [], tokens: 1 });
    } finally {
      await pool.end();
    }
  });
});

describe("a store behind a pooler in transaction mode", () => {
  it("needs nothing of a session, and leaves nothing in one", async () => {
    await using pooler = await TransactionPooler.to(server.url);
    const shared = { url: pooler.url, fleet: newFleet(), keys: [newKey()], timeoutMs: 2_000, pollMs: 100 };
    const events: string[] = [];
    const [one, two] = [
      server.open(shared),
      server.open({ ...shared, onEvent: ({ type }) => void events.push(type) }),
    ];
    await Promise.all([one.prepare(), two.prepare()]);
    const heard = vi.fn();
    const stop = two.storage(REF).watch(heard);
    const ours = one.storage(REF);
    await ours.write("token-0");
    const results = await Promise.all(
      [one, two, one, two].map((store, index) => store.storage(REF).replace("token-0", `token-${index + 1}`)),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await two.storage(REF).read()).toBe(`token-${results.indexOf(true) + 1}`);
    await ours.probe();
    expect((await two.inspect()).problems).toEqual([]);
    expect(await two.reseal()).toBe(0);
    heard.mockClear();
    await ours.remove();
    await expect.poll(() => heard).toHaveBeenCalled();
    expect(events).toContain("announcements-lost");
    expect(events).not.toContain("announcements-reached");
    // Whether it listens is tried again, but seldom.
    const { connections } = pooler;
    await expect.poll(() => events.filter((type) => type === "announcements-lost").length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(pooler.connections - connections).toBeLessThan(5);
    stop();
    expect(await pooler.leftBehind()).toEqual([]);
  });
});

describe("a save", () => {
  it("says so if another session holds the row", async () => {
    const { store, fleet } = await server.prepared({ timeoutMs: 1_000 });
    await store.storage(REF).write("old");
    const operator = new pg.Client(server.url);
    await operator.connect();
    await operator.query(`begin; select 1 from "${fleet}".token for update`);
    const { message } = await failure(store.storage(REF).write("new"));
    expect(message).toMatch(/another session holds the row \(SQLSTATE 55P03\)\.$/);
    await operator.end();
  });

  it("occupies no connection that others need while other sessions hold its row, and succeeds once it is free", async () => {
    const { store, fleet } = await server.prepared({ timeoutMs: 4_000 });
    const held = Array.from({ length: 40 }, (_, index) =>
      store.storage({ ...REF, workspaceId: `held-${index}` }),
    );
    await Promise.all(held.map((storage) => storage.write("old")));
    const operator = new pg.Client(server.url);
    await operator.connect();
    await operator.query(`begin; select 1 from "${fleet}".token where id like 'held-%' for update`);
    const writing = Promise.all(held.map((storage) => storage.write("new")));
    const startedAt = performance.now();
    for (let turn = 0; turn < 10; turn += 1) await store.storage(REF).write(`free-${turn}`);
    expect(await store.storage(REF).read()).toBe("free-9");
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await operator.query("commit");
    await operator.end();
    await writing;
    expect(await held[39]?.read()).toBe("new");
  });

  it("waits for its turn if many are saved to the same row at once, on a slow disk", async () => {
    const { store, fleet } = await server.prepared({ timeoutMs: 10_000 });
    const storage = store.storage(REF);
    await storage.write("old");
    const client = new pg.Client(server.url);
    await client.connect();
    await client.query(`create function "${fleet}".slow() returns trigger language plpgsql as
        $$ begin perform pg_sleep(0.01); return new; end $$;
      create trigger slow before update on "${fleet}".token for each row execute function "${fleet}".slow()`);
    await client.end();
    const tokens = Array.from({ length: 40 }, (_, index) => `new-${index}`);
    await Promise.all(tokens.map((token) => storage.write(token)));
    expect(tokens).toContain(await storage.read());
  });

  it("for a host name longer than an announcement is stored, and found by polling", async () => {
    const { store, fleet, keys } = await server.prepared({ pollMs: 200 });
    const ref = { ...REF, platformUrl: `https://${"a".repeat(9_000)}.example` };
    const storage = store.storage(ref);
    await storage.write("old");
    const changed = new Promise<void>((resolve) => void storage.watch(resolve));
    await server.open({ fleet, keys }).storage(ref).write("new");
    await changed;
    expect(await storage.read()).toBe("new");
    const unstorable = { ...REF, platformUrl: `https://${randomBytes(4_000).toString("hex")}.example` };
    const { message } = await failure(store.storage(unstorable).write("new"));
    expect(message).toMatch(/the platform's URL is too long \(SQLSTATE 54000\)\.$/);
  });
});
