import pg from "pg";
import { describe, expect, it } from "vitest";
import { StoreContext } from "../src/context.ts";
import { Database } from "../src/database.ts";
import { parseKeys } from "../src/keys.ts";
import { PrintKey } from "../src/print-key.ts";
import { ReadAhead } from "../src/read-ahead.ts";
import { rowKey } from "../src/refs.ts";
import { SeenRows } from "../src/seen-rows.ts";
import { TokenRows } from "../src/token-rows.ts";
import { REF, TestServer } from "./server.ts";

const server = new TestServer({ fsync: "off" });

describe("a row that changes while it is restored", () => {
  it("stays as it is, unless it is older", async () => {
    const { store, fleet, keys } = await server.prepared();
    const pool = new pg.Pool({ connectionString: server.url, max: 1 });
    try {
      const context = new StoreContext(new Database(pool, { timeoutMs: 5_000 }), fleet, parseKeys(keys));
      const rows = new TokenRows(context, new PrintKey(context));
      const key = rowKey(REF, "auth");
      const query = { access: "write" } as const;
      const history = await rows.write(key, "second", query);
      await rows.write(key, "third", query);
      expect(await rows.restore(key, { token: "second", history }, query)).toBeNull();
      expect(await store.storage(REF).read()).toBe("third");
    } finally {
      await pool.end();
    }
  });

  it("does not keep others from being restored while another session holds it", async () => {
    const { store, fleet } = await server.prepared({ timeoutMs: 1_500 });
    const ids = ["one", "two", "three"];
    const storages = ids.map((workspaceId) => store.storage({ ...REF, workspaceId }));
    for (const storage of storages) await storage.write("older");
    const older = await server.query(`select * from "${fleet}".token where kind = 'auth'`);
    for (const storage of storages) await storage.write("newer");
    for (const { id, sealed, print, history } of older.rows)
      await server.query(
        `update "${fleet}".token set (sealed, print, history) = ($2, $3, $4) where id = $1 and kind = 'auth'`,
        [id, sealed, print, history],
      );
    const session = new pg.Client({ connectionString: server.url });
    await session.connect();
    try {
      await session.query("begin");
      await session.query(`select from "${fleet}".token where id = 'one' for update`);
      await expect(store.restore()).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED" });
      const { rows } = await server.query(
        `select id from "${fleet}".token where kind = 'auth' and cardinality(history) = 2 order by id`,
      );
      expect(rows).toEqual([{ id: "three" }, { id: "two" }]);
    } finally {
      await session.end();
    }
    expect(await store.restore()).toBe(1);
  });

  it("is noted as it is, although an answer from before comes later", () => {
    const rows = { restore: async () => null, lost: async () => [] };
    const seen = new SeenRows({ rows, report() {}, onRestored() {} });
    const key = rowKey(REF, "auth");
    seen.note(key, { token: "second", history: "v2,v1" });
    seen.note(key, { token: "first", history: "v1" });
    expect(seen.get(key)?.token).toBe("second");
    seen.note(key, { token: "another", history: "v9" });
    expect(seen.get(key)?.token).toBe("another");
  });
});

describe("reading ahead", () => {
  it("reads each changed row once, one after another, and not what this process has stored itself", async () => {
    let running = 0;
    const read: string[] = [];
    const ahead = new ReadAhead({
      isSeen: (_, version) => version === "own",
      async read({ id }) {
        running += 1;
        expect(running).toBe(1);
        read.push(id);
        await Promise.resolve();
        running -= 1;
        if (id === "broken") throw new Error("unreachable");
      },
    });
    const row = (id: string) => ({ platform: "https://platform.example", id, kind: "auth" });
    ahead.add(row("broken"), "v1");
    ahead.add(row("two"), "v1");
    ahead.add(row("two"), "v2");
    ahead.add(row("three"), "own");
    await expect.poll(() => read).toEqual(["broken", "two"]);
    ahead.add(row("two"), "v3");
    await expect.poll(() => read).toEqual(["broken", "two", "two"]);
    ahead.add(row("two"), "v4");
    ahead.close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(read).toHaveLength(3);
  });
});
