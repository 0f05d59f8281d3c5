import pg from "pg";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { StoreContext } from "../src/context.ts";
import { Database } from "../src/database.ts";
import type { PostgresStoreEvent, PostgresTokenStoreOptions } from "../src/index.ts";
import { parseKeys } from "../src/keys.ts";
import { PrintKey } from "../src/print-key.ts";
import { TokenRows } from "../src/token-rows.ts";
import { REF, TestServer } from "./server.ts";
import { WireProxy } from "./wire-proxy.ts";

// Starts processes and servers, perhaps on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const server = new TestServer({ fsync: "off" });

/** A store that watches through a proxy, and another one that writes directly. */
async function watching(proxy: WireProxy, options: Partial<PostgresTokenStoreOptions> = {}) {
  const { store: writer, fleet, keys } = await server.prepared();
  const events: PostgresStoreEvent["type"][] = [];
  const watcher = server.open({
    url: proxy.through(server.url),
    fleet,
    keys,
    timeoutMs: 1_000,
    pollMs: 200,
    onEvent: ({ type }) => void events.push(type),
    ...options,
  });
  let notifications = 0;
  const stop = watcher.storage(REF).watch(() => {
    notifications += 1;
  });
  return { writer, watcher, fleet, events, stop, notifications: () => notifications };
}

describe("a watcher", () => {
  it("survives an async listener that rejects", async () => {
    const unhandled: unknown[] = [];
    const hear = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", hear);
    onTestFinished(() => void process.off("unhandledRejection", hear));
    await using proxy = await WireProxy.to(server.url);
    const heard: string[] = [];
    const { stop } = await watching(proxy, {
      async onEvent({ type }) {
        heard.push(type);
        throw new Error("the listener's own");
      },
    });
    await expect.poll(() => heard).toContain("announcements-reached");
    stop();
    expect(unhandled).toEqual([]);
  });

  it("is notified by an announcement, long before the next poll", async () => {
    await using proxy = await WireProxy.to(server.url);
    const { writer, events, notifications, stop } = await watching(proxy, { pollMs: 60_000 });
    await expect.poll(() => events).toContain("announcements-reached");
    for (let count = 1; count <= 3; count += 1) {
      await writer.storage(REF).write(`token-${count}`);
      await expect.poll(notifications).toBe(count);
    }
    await writer.storage(REF).remove();
    await expect.poll(notifications).toBe(4);
    await writer.storage({ ...REF, workspaceId: "another" }).write("not-ours");
    expect(notifications()).toBe(4);
    stop();
  });

  it("is notified by the poll if nothing is announced, as behind a pooler in transaction mode", async () => {
    await using proxy = await WireProxy.to(server.url);
    proxy.dropsAnnouncements = true;
    const { writer, events, notifications, stop } = await watching(proxy);
    for (let count = 1; count <= 3; count += 1) {
      await writer.storage(REF).write(`token-${count}`);
      await expect.poll(notifications).toBe(count);
    }
    await writer.storage(REF).remove();
    await expect.poll(notifications).toBe(4);
    await expect.poll(() => events).toContain("announcements-lost");
    expect(events).not.toContain("store-lost");
    stop();
  });

  it("is notified of writes made while its connections were broken", async () => {
    await using proxy = await WireProxy.to(server.url);
    const { writer, events, notifications, stop } = await watching(proxy, { pollMs: 60_000 });
    await expect.poll(() => events).toContain("announcements-reached");
    const before = notifications();
    proxy.cut();
    await writer.storage(REF).write("written-meanwhile");
    await expect.poll(notifications).toBeGreaterThan(before);
    await expect.poll(() => events.filter((type) => type === "announcements-reached").length).toBe(2);
    await writer.storage(REF).write("written-afterwards");
    await expect.poll(notifications).toBeGreaterThan(before + 1);
    stop();
  });

  it("is notified after a network outage that reported no connection error", async () => {
    await using proxy = await WireProxy.to(server.url);
    const { writer, watcher, events, notifications, stop } = await watching(proxy);
    await expect.poll(() => events).toContain("announcements-reached");
    proxy.isSilent = true;
    await writer.storage(REF).write("written-meanwhile");
    await expect.poll(() => events).toContain("store-lost");
    const started = performance.now();
    await expect(watcher.storage(REF).read()).rejects.toThrow(
      /the server does not answer; check .* \(TimeoutError ETIMEDOUT\)/,
    );
    expect(performance.now() - started).toBeLessThan(3_000);
    proxy.isSilent = false;
    await expect.poll(notifications).toBeGreaterThan(0);
    await expect.poll(() => events.at(-1)).toMatch(/reached/);
    expect(await watcher.storage(REF).read()).toBe("written-meanwhile");
    stop();
  });

  it("is notified once of a change that was committed late, with an early timestamp", async () => {
    await using proxy = await WireProxy.to(server.url);
    proxy.dropsAnnouncements = true;
    const { writer, fleet, notifications, stop } = await watching(proxy);
    await writer.storage(REF).write("before");
    await expect.poll(notifications).toBe(1);
    // The row of a late commit: an early timestamp and a new version.
    await server.query(`update "${fleet}".token set history = array['a-late-commit'] || history, changed_at = now() - interval '20 seconds'
      where id = '${REF.workspaceId}'`);
    await expect.poll(notifications).toBe(2);
    await writer.storage(REF).write("after");
    await expect.poll(notifications).toBe(3);
    stop();
  });
});

describe("polling for changes", () => {
  it("finds them after the server's clock was set back", async () => {
    const { store, fleet, keys } = await server.prepared();
    await store.storage(REF).write("a-token-of-the-test");
    const pool = new pg.Pool({ connectionString: server.url, max: 1 });
    try {
      const database = new Database(pool, { timeoutMs: 5_000 });
      const context = new StoreContext(database, fleet, parseKeys(keys));
      const rows = new TokenRows(context, new PrintKey(context));
      for (const since of ["now", "tomorrow", "infinity"]) {
        const found = await rows.changedSince(since, { access: "read" });
        expect(found.map(({ id }) => id)).toEqual([REF.workspaceId, null]);
      }
    } finally {
      await pool.end();
    }
  });
});

describe("a store without watchers", () => {
  it("does not poll, and closes within two seconds even during a network outage", async () => {
    await using proxy = await WireProxy.to(server.url);
    const { watcher, events, stop } = await watching(proxy);
    await expect.poll(() => events).toContain("announcements-reached");
    stop();
    await watcher.storage(REF).read();
    proxy.isSilent = true;
    const started = performance.now();
    await watcher.close();
    await watcher.close();
    expect(performance.now() - started).toBeLessThan(2_500);
  });
});
