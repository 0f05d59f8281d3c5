import { createAuth } from "@x/auth-core";
import { describe, expect, it } from "vitest";
import { offerSpilled } from "../../src/cluster/spill.ts";
import { Credentials } from "../../src/workspace/credentials.ts";
import { SpilledToken } from "../../src/workspace/spilled-token.ts";
import { failoverScene, OPERATOR, T1, T2, T3 } from "./failover-scene.ts";
import { testServer } from "./postgres.ts";

const server = testServer();

/** A machine that has spilled `T3`, which replaces the stored `T2`. */
async function spilledScene() {
  const scene = await failoverScene(server.url);
  await scene.rotate(scene.a, T1, T2);
  await new SpilledToken(scene.a, scene.ref).write(T3, T2);
  return scene;
}

describe("a process that starts after a failover", () => {
  it("cannot know a token that is nowhere else, but another machine's knowledge helps", async () => {
    const { b, ref, token, rotate, behind, restarted } = await failoverScene(server.url);
    await rotate(b, T1, T2);
    const machine = await restarted(0);
    await behind.promote();
    expect(await machine.token(ref).read()).toBe(T1);
    expect(await b.restoreMissing()).toBe(1);
    expect(await machine.token(ref).read()).toBe(T2);
    expect(await token(b).read()).toBe(T2);
  });

  it("stores a spilled token over one that is older than what it replaces", async () => {
    const { ref, behind, restarted, stored } = await spilledScene();
    await behind.promote();
    const store = await restarted(0);
    expect(await offerSpilled({ store, isElsewhere: () => true })).toMatchObject({ stored: [ref], kept: [] });
    expect(await stored()).toBe(T3);
  });

  it("stores the second of two tokens that were spilled over what the first replaces", async () => {
    const { a, ref, restarted, stored } = await failoverScene(server.url);
    await new SpilledToken(a, ref).write(T2, T1);
    await new SpilledToken(a, ref).write(T3, T2);
    const store = await restarted(0);
    expect(await offerSpilled({ store, isElsewhere: () => true })).toMatchObject({ stored: [ref], kept: [] });
    expect(await stored()).toBe(T3);
  });

  it("takes its own workspace's spilled token, without trying the older one at the platform first", async () => {
    const { ref, behind, restarted, stored } = await spilledScene();
    await behind.promote();
    const store = await restarted(0);
    const auth = createAuth({ storage: store.token(ref), platformUrl: ref.platformOrigin, env: {} });
    const credentials = new Credentials({ auth, ref, environment: { store }, emit() {} });
    expect(await credentials.takeSpilled()).toBe(true);
    expect(credentials.unsavedToken()).toBeNull();
    expect(await stored()).toBe(T3);
    expect(await auth.getToken()).toBe(T3);
  });

  it.each([
    ["another token", OPERATOR],
    ["an older token", T1],
  ])("does not store a spilled token over %s of the operator's", async (_, chosen) => {
    const { b, ref, token, restarted, stored } = await spilledScene();
    await token(b).write(chosen);
    const store = await restarted(0);
    expect(await offerSpilled({ store, isElsewhere: () => true })).toMatchObject({ stored: [], kept: [ref] });
    expect(await stored()).toBe(chosen);
  });
});
