import { createAuth } from "@x/auth-core";
import { describe, expect, it } from "vitest";
import type { PostgresStore } from "../../src/storage/postgres/postgres-store.ts";
import { failoverScene, OPERATOR, T1, T2, T3 } from "./failover-scene.ts";
import { execute, testServer } from "./postgres.ts";

const server = testServer();
describe("a failover to a database that lacks the last token", () => {
  it("does not make the machine that stored it forget it, however often it happens", async () => {
    const { a, token, rotate, behind, stored } = await failoverScene(server.url);
    await rotate(a, T1, T2);
    for (const _ of [1, 2, 3]) {
      await behind.promote();
      expect(await stored()).toBe(T1);
      expect(await token(a).read()).toBe(T2);
      expect(await stored()).toBe(T2);
    }
    await behind.promote();
    expect(await a.restoreMissing()).toBe(1);
    expect(await a.restoreMissing()).toBe(0);
    expect(await stored()).toBe(T2);
  });

  it("is repaired although more than one token was lost, also one that this machine has never seen", async () => {
    const { a, b, token, rotate, behind, standby, stored } = await failoverScene(server.url);
    await rotate(a, T1, T2);
    const between = await standby();
    await rotate(b, T2, T3);
    expect(await token(a).read()).toBe(T3);
    await behind.promote();
    expect(await token(a).read()).toBe(T3);
    expect(await stored()).toBe(T3);
    await rotate(b, T3, OPERATOR);
    // Of the four, this one has seen the first and the last.
    await rotate(a, OPERATOR, T1);
    for (const lagging of [between, behind, between]) {
      await lagging.promote();
      expect(await a.restoreMissing()).toBe(1);
      expect(await stored()).toBe(T1);
    }
  });

  it("is repaired by every machine that has seen the token, and the newest token stays", async () => {
    const { a, b, token, rotate, behind, stored } = await failoverScene(server.url);
    await rotate(a, T1, T2);
    expect(await token(b).read()).toBe(T2);
    await rotate(a, T2, T3);
    for (const order of [
      [a, b],
      [b, a],
    ]) {
      await behind.promote();
      for (const machine of order) await machine.restoreMissing();
      expect(await stored()).toBe(T3);
    }
    await behind.promote();
    await Promise.all([token(b).read(), token(a).read(), b.restoreMissing(), a.restoreMissing()]);
    expect(await stored()).toBe(T3);
    expect(await token(b).read()).toBe(T3);
  });

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

  it("does not let an older answer overwrite a newer token", async () => {
    const { a, token, rotate, behind, stored } = await failoverScene(server.url);
    await rotate(a, T1, T2);
    await behind.promote();
    // An answer to a request that was sent with the first token.
    expect(await token(a).replace?.(T1, T3)).toBe(false);
    expect(await stored()).toBe(T2);
  });

  it("does not let a row that was lost be filled with an older token", async () => {
    const { a, token, rotate, fleet, stored } = await failoverScene(server.url);
    await rotate(a, T1, T2);
    await execute(server.url, `delete from "${fleet}".token where kind = 'auth'`);
    expect(await token(a).replace?.(null, T3)).toBe(false);
    expect(await stored()).toBe(T2);
  });
});

describe("what an operator stores", () => {
  it("is not taken for a lost token's predecessor, even if it is one", async () => {
    const { a, token, rotate, standby, stored, b } = await failoverScene(server.url);
    await rotate(a, T1, T2);
    const before = await standby();
    await token(b).write(T1);
    expect(await a.restoreMissing()).toBe(0);
    expect(await token(a).read()).toBe(T1);
    expect(await stored()).toBe(T1);
    // And is itself restored.
    await before.promote();
    expect(await token(a).read()).toBe(T1);
    expect(await stored()).toBe(T1);
  });

  it.each([
    ["another token", OPERATOR],
    ["the token that came back", T1],
  ])("after a failover wins, if it is %s", async (_, chosen) => {
    const { a, b, token, rotate, behind, stored } = await failoverScene(server.url);
    await rotate(a, T1, T2);
    await rotate(a, T2, T3);
    await behind.promote();
    await token(b).write(chosen);
    expect(await a.restoreMissing()).toBe(0);
    expect(await token(a).read()).toBe(chosen);
    expect(await stored()).toBe(chosen);
  });

  it("nothing: a removed token stays removed, also after a failover", async () => {
    const { a, b, token, rotate, behind, stored } = await failoverScene(server.url);
    await rotate(a, T1, T2);
    await token(b).read();
    await token(b).remove?.();
    expect(await a.restoreMissing()).toBe(0);
    expect(await token(a).read()).toBeNull();
    await behind.promote();
    expect(await token(a).read()).toBeNull();
    expect(await stored()).toBeNull();
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
