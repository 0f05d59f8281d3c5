import { createAuth } from "@x/auth-core";
import { describe, expect, it } from "vitest";
import type { PostgresStore } from "../../src/storage/postgres/postgres-store.ts";
import { failoverScene, T1, T2 } from "./failover-scene.ts";
import { execute, testServer } from "./postgres.ts";

const server = testServer();

describe("a failover to a database that lacks the last token", () => {
  it("does not mislead an agent that watches: it goes on with the newer token, and so do others", async () => {
    const { a, b, ref, token, rotate, behind } = await failoverScene(server.url);
    const agent = (machine: PostgresStore) => {
      const auth = createAuth({ storage: token(machine), platformUrl: ref.platformOrigin, env: {} });
      const stop = auth.watch();
      return { auth, stop };
    };
    const [one, two] = [agent(a), agent(b)];
    await rotate(a, T1, T2);
    await expect.poll(() => one.auth.getToken()).toBe(T2);
    await expect.poll(() => two.auth.getToken()).toBe(T2);
    b.forget(ref);
    await behind.promote();
    // The row is young enough for the poll to report it.
    await expect.poll(() => two.auth.refreshCache()).toBe(T2);
    for (const auth of [one.auth, two.auth]) await expect.poll(() => auth.getToken()).toBe(T2);
    for (const { stop } of [one, two]) stop();
  });
});

describe("a database that is down", () => {
  it("does not take from a machine the token that it has just stored, only from one that has seen none", async () => {
    const { a, b, ref, token, rotate } = await failoverScene(server.url);
    const auth = createAuth({ storage: token(a), platformUrl: ref.platformOrigin, env: {} });
    const stop = auth.watch();
    await rotate(a, T1, T2);
    await server.postgres.kill();
    try {
      // Watching, it has dropped what it had cached.
      expect(await auth.refreshCache()).toBe(T2);
      await expect(token(b).read()).rejects.toThrow(/cannot be read/);
      await expect(token(a).read({ signal: AbortSignal.abort() })).rejects.toThrow(/aborted/);
      a.forget(ref);
      await expect(token(a).read()).rejects.toThrow(/cannot be read/);
    } finally {
      stop();
      await server.postgres.restart();
    }
  });

  it("is not mistaken for one whose content cannot be used", async () => {
    const { a, fleet, token } = await failoverScene(server.url);
    expect(await token(a).read()).toBe(T1);
    await execute(server.url, `update "${fleet}".token set sealed = '\\x00' where kind = 'auth'`);
    await expect(token(a).read()).rejects.toThrow(/was altered in the database/);
  });
});
