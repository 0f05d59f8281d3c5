import { chown, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { REF, TestServer } from "./server.ts";

const server = new TestServer({ fsync: "off" });

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
