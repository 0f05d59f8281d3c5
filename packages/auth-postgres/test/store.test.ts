import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PostgresTokenStore } from "../src/index.ts";
import { failure } from "./failure.ts";
import { newFleet, newKey, REF, TestServer } from "./server.ts";

const server = new TestServer();
const OTHER = { ...REF, workspaceId: "agent-8" };

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
