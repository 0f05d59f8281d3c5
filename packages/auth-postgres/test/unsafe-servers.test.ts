import { chown, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { REF, TestServer } from "./server.ts";

const server = new TestServer({ fsync: "off" });

describe("functions that another user created in `public`, for exactly the types that a store uses,", () => {
  const stranger = (name: string, types: string, result: string) => `
    create function public.${name}(${types}) returns ${result} language plpgsql as
      $$ begin raise exception 'a function of another user was called'; end $$;`;

  it("are never called: they would run with the rights of the store's user", async () => {
    const { store: owner, fleet, keys } = await server.prepared();
    await server.query(
      [
        stranger("array_to_string", "text[], text", "text"),
        stranger("array_cat", "text[], text[]", "text[]"),
        stranger("concat_ws", "text, text, text, text, text", "text"),
        stranger("unnest", "text[]", "setof text"),
        stranger("hashtextextended", "text, int", "bigint"),
        stranger("count_step", "bigint, bytea", "bigint"),
        "create aggregate public.count(bytea) (sfunc = public.count_step, stype = bigint, initcond = '0');",
        "create operator public.|| (function = public.array_cat, leftarg = text[], rightarg = text[]);",
      ].join(""),
    );
    const { url } = await server.role(fleet);
    const store = server.open({ url, fleet, keys });
    await store.prepare();
    const storage = store.storage(REF);
    await storage.probe?.();
    await storage.write("first");
    expect(await storage.replace?.("first", "second")).toBe(true);
    expect(await storage.read()).toBe("second");
    await server.query(`delete from "${fleet}".token where kind = 'auth'`);
    expect(await store.restore()).toBe(1);
    expect(await owner.storage(REF).read()).toBe("second");
    await storage.remove?.();
    expect(await store.reseal()).toBe(0);
    expect((await store.inspect()).problems).toMatchObject([{ code: "FSYNC_OFF" }]);
  });
});

describe("an inspection", () => {
  it("reports a server that may lose acknowledged writes, and a standby", async () => {
    const { store } = await server.prepared();
    const codes = async () => (await store.inspect()).problems.map(({ code }) => code);
    expect(await codes()).toEqual(["FSYNC_OFF"]);
    const { rows } = await server.query("show data_directory");
    const signal = join(String(rows[0].data_directory), "standby.signal");
    await writeFile(signal, "");
    if (process.getuid?.() === 0) await chown(signal, 65_534, 65_534);
    await server.postgres.restart();
    await expect.poll(codes).toEqual(["FSYNC_OFF", "IN_RECOVERY"]);
    await expect(store.storage(REF).write("x")).rejects.toThrow(/takes no writes: .*connect to the primary/);
    await expect(store.storage(REF).probe()).rejects.toThrow(/takes no writes/);
  });
});
