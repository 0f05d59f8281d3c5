import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { TokenStorage } from "@x/auth-core";
import { describe, expect, it, vi } from "vitest";
import { newFleet, newKey, REF, TestServer } from "./server.ts";

// Starts processes and servers, perhaps on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

// Writes that are not waited for reach the disk only by chance: the WAL writer sleeps for ten seconds.
const server = new TestServer({ wal_writer_delay: "10s" });

/** Counts up in the store until killed; prints each number acknowledged as stored. */
const COUNTING = `
  const [url, fleet, key, built] = process.argv.slice(1);
  const { postgresTokenStore } = await import(built);
  const store = postgresTokenStore({ url, fleet, keys: [key], timeoutMs: 2_000 });
  const storage = store.storage(${JSON.stringify(REF)});
  for (;;) {
    try {
      const before = await storage.read();
      const next = String(Number(before) + 1);
      if (await storage.replace(before, next)) process.stdout.write(next + "\\n");
    } catch (error) {
      if (!error.code?.startsWith("STORAGE_")) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }`;

interface Counter {
  readonly child: ChildProcess;
  readonly said: () => readonly number[];
}

function startCounter(...args: readonly string[]): Counter {
  const built = new URL("../dist/index.js", import.meta.url).href;
  const child = spawn(process.execPath, ["--input-type=module", "-e", COUNTING, ...args, built], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += chunk;
  });
  return { child, said: () => text.split("\n").slice(0, -1).map(Number) };
}

describe("an acknowledged write", () => {
  it("of two processes survives a server kill, and is acknowledged to only one of them", async () => {
    const [fleet, key] = [newFleet(), newKey()];
    const store = server.open({ fleet, keys: [key] });
    await store.prepare();
    const read = async () => store.storage(REF).read();
    const counters = [1, 2].map(() => startCounter(server.url, fleet, key));
    try {
      for (let killed = 0; killed < 3; killed += 1) {
        const before = counters.map(({ said }) => said().length);
        await expect
          .poll(() => counters.every(({ said }, index) => said().length > (before[index] ?? 0) + 5))
          .toBe(true);
        await server.postgres.kill();
        const acknowledged = counters.flatMap(({ said }) => said());
        await server.postgres.restart();
        await expect.poll(() => read().catch(() => null)).not.toBeNull();
        expect(Number(await read())).toBeGreaterThanOrEqual(Math.max(...acknowledged));
      }
    } finally {
      for (const { child } of counters) child.kill("SIGKILL");
      await Promise.all(counters.map(({ child }) => once(child, "close")));
    }
    const all = counters.flatMap(({ said }) => said());
    expect(new Set(all).size).toBe(all.length);
    expect(Number(await read())).toBeGreaterThanOrEqual(Math.max(...all));
  });

  it.each<[string, string | null, (storage: Required<TokenStorage>) => unknown]>([
    ["write", "new", (storage) => storage.write("new")],
    ["replacement", "new", (storage) => storage.replace("old", "new")],
    ["removal", null, (storage) => storage.remove()],
  ])(
    "by a %s is on the disk even if the database's default is not to wait for that",
    async (_, then, change) => {
      const { store, fleet, keys } = await server.prepared();
      await store.storage(REF).write("old");
      await server.query("alter database postgres set synchronous_commit = off");
      try {
        await change(server.open({ fleet, keys }).storage(REF));
        await server.postgres.kill();
        await server.postgres.restart();
        expect(await server.open({ fleet, keys }).storage(REF).read()).toBe(then);
      } finally {
        await server.query("alter database postgres reset synchronous_commit");
      }
    },
  );
});
