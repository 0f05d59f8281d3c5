import { describe, expect, it, vi } from "vitest";
import { failoverScene } from "./failover-scene.ts";
import { REF, TestServer } from "./server.ts";

const server = new TestServer({ fsync: "off" });
const OTHER = { ...REF, workspaceId: "agent-8" };

describe("restoring", () => {
  it("stores what was lost or older, once, and leaves alone what is the same, or unknown", async () => {
    const { store, other, loseAll, restored, stored } = await failoverScene(server);
    await other.storage(REF).read();
    await other.storage(OTHER).write("of-eight");
    await other.storage(REF, "inbound").write("a-secret");
    expect(await other.restore()).toBe(0);
    await loseAll();
    await store.storage(OTHER).write("unknown-to-the-other");
    expect(await other.restore()).toBe(2);
    expect(await other.restore()).toBe(0);
    expect(restored()).toBe(2);
    expect(await stored()).toBe("first");
    expect(await store.storage(REF, "inbound").read()).toBe("a-secret");
    expect(await other.storage(OTHER).read()).toBe("unknown-to-the-other");
  });

  it("leaves alone what was forgotten, and what a closed store knew", async () => {
    const { store, other, loseAll } = await failoverScene(server);
    await other.storage(REF).read();
    await other.storage(REF, "inbound").write("a-secret");
    other.forget(REF);
    expect(other.known(REF)).toBeNull();
    await loseAll();
    expect(await other.restore()).toBe(0);
    await store.close();
    expect(await store.restore()).toBe(0);
  });

  it("lets other processes replace what it stored in tables that were dropped and set up again", async () => {
    const { store, fleet, keys } = await failoverScene(server);
    await server.query(`drop schema "${fleet}" cascade`);
    const other = server.open({ fleet, keys });
    await other.prepare();
    expect(await store.restore()).toBe(1);
    expect(await other.storage(REF).replace("first", "second")).toBe(true);
  });

  it("keeps the restored row's versions, so that each process knows it again", async () => {
    const { store, other, revert, stored } = await failoverScene(server);
    await store.storage(REF).replace("first", "second");
    expect(await other.storage(REF).read()).toBe("second");
    const known = store.known(REF);
    expect(known).toEqual({ token: "second", versions: [expect.any(String), expect.any(String)] });
    expect(other.known(REF)).toEqual(known);
    await revert();
    expect(await store.restore()).toBe(1);
    expect(await stored()).toBe("second");
    expect(await other.restore()).toBe(0);
    await other.storage(REF).replace("second", "third");
    expect(other.known(REF)?.versions).toEqual([expect.any(String), ...(known?.versions ?? [])]);
  });

  it("remembers what a row replaced, up to 16 versions", async () => {
    const { store, revert, stored } = await failoverScene(server);
    const storage = store.storage(REF);
    for (let count = 2; count <= 16; count += 1) await storage.write(`token-${count}`);
    await revert();
    expect(await store.restore()).toBe(1);
    expect(await stored()).toBe("token-16");
    await storage.write("token-17");
    await revert();
    expect(store.known(REF)?.versions).toHaveLength(16);
    expect(await store.restore()).toBe(0);
  });
});

describe("a row that a failover has brought back", () => {
  it("is not reported to watchers, but replaced, by a process that knows better", async () => {
    const { store, restored, other, revert, stored } = await failoverScene(server);
    await store.storage(REF).write("second");
    const heard = vi.fn();
    const stop = other.storage(REF).watch(heard);
    await expect.poll(() => heard).toHaveBeenCalledTimes(1);
    expect(await other.storage(REF).read()).toBe("second");
    await revert();
    await expect.poll(stored).toBe("second");
    await expect.poll(restored).toBe(1);
    await store.storage(REF).write("third");
    await expect.poll(() => heard).toHaveBeenCalledTimes(2);
    stop();
  });

  it("is not what a read finds, even if it cannot be replaced now", async () => {
    const { store, fleet, keys, revert, stored } = await failoverScene(server);
    const { name, url } = await server.role(fleet);
    const reader = server.open({ url, fleet, keys });
    await store.storage(REF).write("second");
    expect(await reader.storage(REF).read()).toBe("second");
    await revert();
    await server.query(`revoke insert, update on "${fleet}".token from ${name}`);
    expect(await reader.storage(REF).read()).toBe("second");
    expect(await stored()).toBe("first");
    await server.query(`grant insert, update on "${fleet}".token to ${name}`);
    expect(await reader.storage(REF).read()).toBe("second");
    expect(await stored()).toBe("second");
  });

  it("is not replaced as the expected one by a process that knows better", async () => {
    const { store, revert, stored } = await failoverScene(server);
    const storage = store.storage(REF);
    await storage.write("second");
    await revert();
    expect(await storage.replace("first", "third")).toBe(false);
    expect(await stored()).toBe("second");
  });

  it("does not win against a write that was meant", async () => {
    const { store, other, revert, stored } = await failoverScene(server);
    await store.storage(REF).write("second");
    await revert();
    await other.storage(REF).write("first");
    expect(await store.storage(REF).read()).toBe("first");
    expect(await store.restore()).toBe(0);
    await other.storage(REF).remove();
    expect(await store.storage(REF).read()).toBeNull();
    expect(await store.restore()).toBe(0);
    await revert();
    expect(await store.storage(REF).read()).toBeNull();
    expect(await stored()).toBeNull();
  });

  it("cannot be removed for another one, nor comes what was there again", async () => {
    const { store, loseAll, stored } = await failoverScene(server);
    await loseAll();
    await store.storage(REF).remove();
    expect(await store.restore()).toBe(0);
    expect(await stored()).toBeNull();
  });
});

describe("a token that another process stored", () => {
  it("is known to those that watch before they need it", async () => {
    const { store, other, loseAll, stored } = await failoverScene(server);
    const heard = vi.fn();
    const stop = other.storage(REF).watch(heard);
    await store.storage(REF).write("second");
    await expect.poll(() => heard).toHaveBeenCalled();
    await expect.poll(() => other.known(REF)?.token).toBe("second");
    await store.close();
    await loseAll();
    expect(await other.restore()).toBe(1);
    expect(await stored()).toBe("second");
    stop();
  });
});

describe("an older row that another process has restored", () => {
  it("is replaced as soon as that is announced", async () => {
    const { store, fleet, keys, revert, stored } = await failoverScene(server);
    const events: string[] = [];
    const watching = server.open({ fleet, keys, pollMs: 60_000, onEvent: ({ type }) => events.push(type) });
    const stop = watching.storage(REF).watch(() => {});
    await expect.poll(() => events).toContain("announcements-reached");
    await store.storage(REF).write("second");
    await watching.storage(REF).write("third");
    await revert();
    // It does not know the third.
    expect(await store.restore()).toBe(1);
    await expect.poll(stored).toBe("third");
    stop();
  });
});

describe("a read that is overtaken", () => {
  it("does not replace what was stored or read meanwhile", async () => {
    const { store, other, stored } = await failoverScene(server);
    const storage = store.storage(REF);
    let current = "first";
    for (let round = 1; round <= 30; round += 1) {
      const next = `token-${round}`;
      const writer = round % 2 === 0 ? store : other;
      const reads = Promise.all([storage.read(), storage.read(), other.storage(REF).read()]);
      expect(await writer.storage(REF).replace(current, next)).toBe(true);
      for (const found of await reads) expect([current, next]).toContain(found);
      expect(await storage.read()).toBe(next);
      expect(await stored()).toBe(next);
      current = next;
    }
  });
});

describe("a server that was restarted, or is another one", () => {
  it("gets back what it lost, without a read, even if no statement failed", async () => {
    const { other, table, loseAll, stored } = await failoverScene(server);
    await other.storage(REF).read();
    const polled = () => server.query(`select 1 from ${table}`).catch(() => null);
    const stop = other.storage(REF).watch(() => {});
    await expect.poll(() => other.storage(REF).read()).toBe("first");
    // Long before the failover.
    await server.query(`update ${table} set changed_at = now() - interval '1 day'`);
    await loseAll();
    await server.postgres.kill();
    await server.postgres.restart();
    await expect.poll(polled).not.toBeNull();
    await expect.poll(stored, { timeout: 20_000 }).toBe("first");
    stop();
  }, 60_000);

  it("gets it back later if it cannot be stored at first", async () => {
    const { fleet, keys, loseAll, stored } = await failoverScene(server);
    const { name, url } = await server.role(fleet);
    const events: string[] = [];
    const runner = server.open({
      url,
      fleet,
      keys,
      pollMs: 100,
      onEvent: ({ type }) => void events.push(type),
    });
    const storage = runner.storage(REF);
    const stop = storage.watch(() => {});
    await expect.poll(() => events).toContain("store-reached");
    expect(await storage.read()).toBe("first");
    await loseAll();
    await server.query(`revoke insert, update on "${fleet}".token from ${name}`);
    events.length = 0;
    await server.postgres.kill();
    await expect.poll(() => events, { timeout: 20_000 }).toContain("store-lost");
    await server.postgres.restart();
    await expect.poll(() => events, { timeout: 20_000 }).toContain("store-reached");
    expect(await stored()).toBeNull();
    await server.query(`grant insert, update on "${fleet}".token to ${name}`);
    await expect.poll(stored, { timeout: 20_000 }).toBe("first");
    stop();
  }, 60_000);
});
