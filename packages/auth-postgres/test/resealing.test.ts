import pg from "pg";
import { describe, expect, it } from "vitest";
import { StoreContext } from "../src/context.ts";
import { Database } from "../src/database.ts";
import { parseKeys } from "../src/keys.ts";
import { reseal } from "../src/reseal.ts";
import { failure } from "./failure.ts";
import { newKey, REF, TestServer } from "./server.ts";

const server = new TestServer();

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
