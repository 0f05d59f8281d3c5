import { randomBytes } from "node:crypto";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import pg from "pg";
import { describe, expect, it, vi } from "vitest";
import { StoreContext } from "../src/context.ts";
import { Database } from "../src/database.ts";
import { isAuthError, type PostgresTokenStore, type StoreProblemCode } from "../src/index.ts";
import { parseKeys } from "../src/keys.ts";
import { reseal } from "../src/reseal.ts";
import { newFleet, newKey, REF, TestServer } from "./server.ts";
import { TransactionPooler } from "./transaction-pooler.ts";

const server = new TestServer();
const OTHER = { ...REF, workspaceId: "agent-8" };

const failure = async (work: unknown): Promise<{ code: string; message: string }> => {
  const error = await Promise.resolve(work).then(
    () => expect.unreachable("expected a failure"),
    (thrown: unknown) => thrown,
  );
  if (!isAuthError(error)) throw error;
  return { code: error.code, message: error.message };
};

describe("setting up a store", () => {
  it("happens once, even with concurrent calls", async () => {
    const shared = { fleet: newFleet(), keys: [newKey()] };
    const stores = Array.from({ length: 4 }, () => server.open(shared));
    await Promise.all(stores.map((store) => store.prepare()));
    await stores[0]?.storage(REF).write("a-token-of-the-test");
    await stores[1]?.prepare();
    expect(await stores[2]?.storage(REF).replace("a-token-of-the-test", "the-next-one")).toBe(true);
    expect(await stores[3]?.storage(REF).read()).toBe("the-next-one");
  });

  it("is required before use", async () => {
    const store = server.open({ fleet: newFleet(), keys: [newKey()] });
    const wayOut =
      /the store is not set up; run `heartbeat store init`, or call prepare\(\) \(SQLSTATE 42P01\)\.$/;
    expect(await failure(store.storage(REF).read())).toEqual({
      code: "STORAGE_READ_FAILED",
      message: expect.stringMatching(wayOut),
    });
    expect((await failure(store.storage(REF).write("x"))).message).toMatch(wayOut);
  });

  it("does not replace a lost print key, because stored tokens could no longer be compared", async () => {
    const { store, fleet } = await server.prepared();
    await store.storage(REF).write("a-token-of-the-test");
    await server.query(`delete from "${fleet}".token where kind = 'print-key'`);
    expect((await failure(store.prepare())).message).toMatch(
      /the row \(kind print-key\) needed to compare them is missing/,
    );
  });

  it("needs no more than a runner's permissions once done", async () => {
    const { fleet, keys } = await server.prepared();
    const { url } = await server.role(fleet);
    const runner = server.open({ url, fleet, keys });
    await runner.prepare();
    expect(await runner.inspect()).toMatchObject({ problems: [] });
  });
});

describe("stored data", () => {
  it("holds no token, in no table", async () => {
    const token = "tok-7f3a9c51be02-dump";
    const { store, fleet } = await server.prepared();
    const storage = store.storage(REF);
    await storage.write(token);
    await storage.replace(token, `${token}-2`);
    await store.storage(REF, "inbound").write(`${token}-3`);
    const { rows } = await server.query(
      "select table_schema as schema, table_name as name from information_schema.tables where table_schema = $1",
      [fleet],
    );
    expect(rows).toHaveLength(1);
    const written = [
      token,
      Buffer.from(token).toString("hex"),
      Buffer.from(token).toString("base64").slice(0, 20),
    ];
    for (const { schema, name } of rows) {
      const dump = await server.query(`select t::text as text from "${schema}"."${name}" as t`);
      expect(dump.rows.length).toBeGreaterThanOrEqual(3);
      for (const { text } of dump.rows) for (const one of written) expect(text).not.toContain(one);
    }
  });

  it("is rejected if rows were swapped, or copied from another fleet", async () => {
    const { store, fleet, keys } = await server.prepared();
    const theirs = await server.prepared({ keys });
    for (const [ref, token] of [
      [REF, "token-of-seven"],
      [OTHER, "token-of-eight"],
    ] as const) {
      await store.storage(ref).write(token);
      await theirs.store.storage(ref).write(token);
    }
    await store.storage(REF, "inbound").write("secret-of-seven");
    const altered = /was altered in the database, or belongs to another workspace or fleet/;
    const read = async (which: PostgresTokenStore) => (await failure(which.storage(REF).read())).message;
    const put = (from: string) =>
      server.query(`update "${fleet}".token set sealed = (${from}) where id = 'agent-7' and kind = 'auth'`);
    await put(`select sealed from "${fleet}".token where id = 'agent-8'`);
    expect(await read(store)).toMatch(altered);
    await put(`select sealed from "${fleet}".token where id = 'agent-7' and kind = 'inbound'`);
    expect(await read(store)).toMatch(altered);
    await put(`select sealed from "${theirs.fleet}".token where id = 'agent-7' and kind = 'auth'`);
    expect(await read(store)).toMatch(altered);
    await server.query(`update "${fleet}".token set platform = 'https://evil.example' where id = 'agent-8'`);
    const moved = store.storage({ ...OTHER, platformUrl: "https://evil.example" });
    expect((await failure(moved.read())).message).toMatch(altered);
  });

  it("has an audience: each platform has its own token, also when a call names the platform", async () => {
    const { store } = await server.prepared();
    const storage = store.storage(REF);
    await storage.write("for-one");
    await storage.write("for-two", { platformOrigin: "https://two.example" });
    expect(await storage.read()).toBe("for-one");
    expect(await storage.read({ platformOrigin: "https://two.example" })).toBe("for-two");
    expect(await storage.read({ platformOrigin: "https://TWO.example:443/" })).toBe("for-two");
    expect(await storage.replace("for-two", "x")).toBe(false);
    expect(await store.storage(REF, "inbound").read()).toBeNull();
  });

  it("has equal prints for equal tokens only within a workspace", async () => {
    const { store, fleet } = await server.prepared();
    await store.storage(REF).write("shared-token");
    await store.storage(OTHER).write("shared-token");
    const { rows } = await server.query(
      `select count(distinct print)::int as prints from "${fleet}".token where kind = 'auth'`,
    );
    expect(rows).toEqual([{ prints: 2 }]);
  });
});

describe("a key", () => {
  it("that is wrong is reported on the first call, and nothing is written with it", async () => {
    const { store, fleet } = await server.prepared();
    await store.storage(REF).write("a-token-of-the-test");
    const wrong = server.open({ fleet, keys: [newKey()] });
    const message = /was encrypted with another key: use the key file/;
    expect((await failure(wrong.storage(REF).read())).message).toMatch(message);
    expect((await failure(wrong.storage(REF).write("another"))).message).toMatch(message);
    expect((await wrong.inspect()).problems).toEqual([
      { code: "KEY_WRONG", message: expect.stringMatching(message) },
    ]);
    expect(await store.storage(REF).read()).toBe("a-token-of-the-test");
  });

  it("can be replaced: everything is resealed, without a change for comparisons and watchers", async () => {
    const { store, fleet, keys } = await server.prepared();
    const refs = Array.from({ length: 7 }, (_, index) => ({ ...REF, workspaceId: `agent-${index}` }));
    for (const ref of refs) await store.storage(ref).write(`token-of-${ref.workspaceId}`);
    await store.storage(refs[3] ?? REF).remove();
    const before = await server.query(
      `select id, kind, print, history, changed_at from "${fleet}".token order by 1, 2`,
    );
    const fresh = newKey();
    expect(await server.open({ fleet, keys: [fresh, ...keys] }).reseal()).toBe(refs.length); // and the key for prints, instead of the removed one
    const after = await server.query(
      `select id, kind, print, history, changed_at from "${fleet}".token order by 1, 2`,
    );
    expect(after.rows).toEqual(before.rows);
    const onlyNew = server.open({ fleet, keys: [fresh] });
    expect(await onlyNew.storage(refs[0] ?? REF).replace("token-of-agent-0", "next")).toBe(true);
    expect(await onlyNew.storage(refs[1] ?? REF).read()).toBe("token-of-agent-1");
    expect(await onlyNew.reseal()).toBe(0);
    const onlyOld = server.open({ fleet, keys });
    await failure(onlyOld.storage(refs[2] ?? REF).read());
  });
});

describe("changing the key while processes run", () => {
  it("leaves each of them able to read, if all know the new key before any uses it", async () => {
    const { store: before, fleet, keys } = await server.prepared();
    const fresh = newKey();
    const known = server.open({ fleet, keys: [...keys, fresh] });
    await before.storage(REF).write("sealed-with-the-old-key");
    expect(await known.storage(REF).replace("sealed-with-the-old-key", "still-with-the-old-key")).toBe(true);
    expect(await before.storage(REF).read()).toBe("still-with-the-old-key");
    const used = server.open({ fleet, keys: [fresh, ...keys] });
    expect(await used.storage(REF).replace("still-with-the-old-key", "with-the-new-key")).toBe(true);
    expect(await used.reseal()).toBe(1);
    expect(await known.storage(REF).replace("with-the-new-key", "with-the-old-key-again")).toBe(true);
    expect(await used.reseal()).toBe(1);
    const after = server.open({ fleet, keys: [fresh] });
    expect(await after.storage(REF).read()).toBe("with-the-old-key-again");
    // One that was left out reads nothing, and writes nothing over it.
    const late = server.open({ fleet, keys });
    expect((await failure(late.storage(REF).write("lost"))).message).toMatch(/another key/);
    expect(await after.storage(REF).read()).toBe("with-the-old-key-again");
  });
});

describe("resealing", () => {
  it("covers every row, however few are read at once", async () => {
    const { store, fleet, keys } = await server.prepared();
    let [known = ""] = keys;
    const refs = Array.from({ length: 7 }, (_, index) => ({ ...REF, workspaceId: `agent-${index}` }));
    await Promise.all(refs.map((ref) => store.storage(ref).write(`token-of-${ref.workspaceId}`)));
    const pool = new pg.Pool({ connectionString: server.url, max: 1 });
    try {
      for (const rowsAtOnce of [1, 2, 3, 8, 9]) {
        const fresh = newKey();
        const context = new StoreContext(
          new Database(pool, { timeoutMs: 5_000 }),
          fleet,
          parseKeys([fresh, known]),
        );
        expect(await reseal(context, { access: "write" }, rowsAtOnce)).toBe(refs.length + 1);
        known = fresh;
        const opened = server.open({ fleet, keys: [known] });
        expect(await opened.storage(refs[6] ?? REF).read()).toBe("token-of-agent-6");
        await opened.close();
      }
    } finally {
      await pool.end();
    }
  });
});

describe("an inspection", () => {
  it("finds no problems in a healthy store", async () => {
    const { store } = await server.prepared();
    await store.storage(REF).write("stored");
    expect(await store.inspect()).toEqual({
      serverVersion: expect.stringMatching(new RegExp(`^${process.env.POSTGRES ?? "18"}\\.\\d+$`)),
      tokens: 1,
      problems: [],
    });
  });

  it("reports a missing schema, missing permissions, and a rejected database or user", async () => {
    const found = async (store: PostgresTokenStore, code: StoreProblemCode, message: RegExp) => {
      const { problems } = await store.inspect();
      expect(problems).toEqual([{ code, message: expect.stringMatching(message) }]);
      expect(problems[0]?.message).not.toContain("wrong-word");
    };
    const bare = server.open({ fleet: newFleet(), keys: [newKey()] });
    await found(bare, "NOT_PREPARED", /the store is not set up; run `heartbeat store init`/);
    const { fleet, keys } = await server.prepared();
    const { name, url } = await server.role(fleet);
    const runner = server.open({ url, fleet, keys });
    await server.query(`alter table "${fleet}".token rename print to renamed`);
    await found(
      runner,
      "NOT_PREPARED",
      /the table lacks print: the store was set up by another version; use that/,
    );
    await server.query(`alter table "${fleet}".token rename renamed to print`);
    await server.query(`revoke update on "${fleet}".token from ${name}`);
    await found(runner, "PERMISSION_MISSING", /lacks UPDATE on the table; grant USAGE on schema "fleet/);
    await server.query(`revoke usage on schema "${fleet}" from ${name}`);
    await found(runner, "PERMISSION_MISSING", /lacks UPDATE on the table, USAGE on the schema;/);
    const wrongPassword = server.open({ url: url.replace("of-the-test", "wrong-word"), fleet, keys });
    await found(wrongPassword, "ACCESS_DENIED", /rejects this user; check the user, the password.*28P01/);
    const noPassword = server.open({ url: url.replace(/:[^:@]*@/, "@"), fleet, keys });
    await found(noPassword, "ACCESS_DENIED", /asks for a password, and none is given; give it in PGPASSWORD/);
    const wrongDatabase = server.open({ url: url.replace(/postgres$/, "none"), fleet, keys });
    await found(wrongDatabase, "ACCESS_DENIED", /no such database.*3D000/);
  });

  it("reports a user who may not set up a store", async () => {
    const { fleet, keys } = await server.prepared();
    const { url } = await server.role(fleet);
    const { message } = await failure(server.open({ url, fleet: newFleet(), keys }).prepare());
    expect(message).toMatch(/^This user may not set up the store .*GRANT CREATE ON DATABASE/);
  });

  it("rejects if TLS is asked for and the server has none", async () => {
    const { fleet, keys } = await server.prepared();
    const { url } = await server.role(fleet);
    const { message } = await failure(
      server.open({ url: `${url}?sslmode=verify-full`, fleet, keys }).inspect(),
    );
    expect(message).toMatch(/the server offers no TLS; turn it on there \(ssl = on\), or correct sslmode/);
  });

  it("rejects if nothing is listening", async () => {
    const store = server.open({
      url: "postgres://u:secret-word@127.0.0.1:1/d",
      fleet: newFleet(),
      keys: [newKey()],
    });
    const { message } = await failure(store.inspect());
    expect(message).toMatch(/^PostgreSQL at 127\.0\.0\.1:1, .*nothing listens there.*ECONNREFUSED\)\.$/);
  });

  it.each([
    ["sslrootcert=/none/ca.pem", /a file named in the URL .* does not exist: .*ENOENT/],
    ["host=/none", /a file named in the URL .* does not exist: .*ENOENT/],
    ["port=99999", /the port is invalid; correct the URL .*ERR_SOCKET_BAD_PORT/],
  ])("rejects a URL with %s, without its password", async (parameters, expected) => {
    const url = `postgres://u:secret-word@127.0.0.1:1/d?${parameters}`;
    const { message } = await failure(server.open({ url, keys: [newKey()] }).inspect());
    expect(message).toMatch(expected);
    expect(message).not.toContain("secret-word");
  });
});

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

describe("no error", () => {
  it("holds a token, a key or the password, whatever the server objects to", async () => {
    const { store, fleet, keys } = await server.prepared({ timeoutMs: 3_000 });
    const storage = store.storage(REF);
    // Server-side errors that quote the values sent.
    await server.query(`create function "${fleet}".object() returns trigger language plpgsql as $$ begin
      raise exception 'no: %', new::text using detail = new::text, hint = encode(new.sealed, 'hex'); end $$`);
    await server.query(`create trigger object before insert or update on "${fleet}".token
      for each row when (new.kind = 'auth') execute function "${fleet}".object()`);
    const password = new URL(server.url).password;
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 12, maxLength: 40, unit: "grapheme-ascii" }), async (token) => {
        const calls = [storage.write(token), storage.replace(null, token), storage.replace(token, token)];
        const settled = await Promise.allSettled(calls);
        for (const result of settled) {
          if (result.status === "fulfilled") continue;
          const text = everything(result.reason);
          for (const secret of [token, password, ...keys]) expect(text).not.toContain(secret);
          expect(text).not.toContain("\\x01");
        }
        expect(settled[0]?.status).toBe("rejected");
      }),
      { numRuns: 20 },
    );
  });
});

/** Everything that an error reveals: its properties, hidden ones included, and its causes. */
function everything(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (seen.has(value)) return "";
  seen.add(value);
  const parts = Reflect.ownKeys(value).map((key) => everything(Reflect.get(value, key), seen));
  return [String(value), JSON.stringify(value), ...parts].join("\n");
}
