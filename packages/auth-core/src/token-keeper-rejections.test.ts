import { describe, expect, it } from "vitest";
import { testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, issuedToken, rotatedToken } from "../test/support/tokens.ts";
import type { AuthEvent } from "./events.ts";
import { createTokenKeeper } from "./token-keeper.ts";

function setUp(stored: string | null = fileToken, env: Record<string, string | undefined> = {}) {
  const storage = testStorage(stored);
  const events: AuthEvent[] = [];
  const keeper = createTokenKeeper(storage, env, (event) => events.push(event));
  const count = (type: AuthEvent["type"]) => events.filter((event) => event.type === type).length;
  return { keeper, storage, env, events, count };
}

const both = { MOLECULE_WORKSPACE_TOKEN: envToken };

describe("a rejected token", () => {
  it("is passed over, and told of once", async () => {
    const { keeper, events } = setUp(fileToken, both);
    expect(await keeper.get()).toBe(fileToken);
    keeper.reject(` ${fileToken}\n`);
    keeper.reject(fileToken);
    expect(keeper.cached()).toBeNull();
    expect(await keeper.get()).toBe(envToken);
    keeper.reject(fileToken);
    expect(await keeper.get()).toBe(envToken);
    expect(events.filter(({ type }) => type === "token-rejected")).toStrictEqual([
      { type: "token-rejected", token: "file… (42 characters)" },
    ]);
  });

  it("leaves another cached token alone", async () => {
    const { keeper, storage } = setUp();
    await keeper.get();
    keeper.reject(envToken);
    expect(keeper.cached()).toBe(fileToken);
    expect(await keeper.get()).toBe(fileToken);
    expect(storage.reads).toBe(1);
  });

  it("is used when there is nothing better, and counts again each time it is refused", async () => {
    const { keeper, count } = setUp();
    for (const times of [1, 2, 3]) {
      expect(await keeper.get()).toBe(fileToken);
      keeper.reject(fileToken);
      expect(keeper.rejections.get(fileToken)).toBe(times);
    }
    expect(count("token-rejected")).toBe(3);
  });

  it("gets its turn again after an outage in which every token was refused", async () => {
    const { keeper } = setUp(fileToken, both);
    const turns: (string | null)[] = [];
    for (const _ of [1, 2, 3, 4]) {
      const token = await keeper.get();
      turns.push(token);
      keeper.reject(token ?? "");
    }
    expect(turns).toStrictEqual([fileToken, envToken, fileToken, envToken]);
  });

  it("is trusted again once it is saved", async () => {
    const { keeper } = setUp(fileToken, both);
    keeper.reject(fileToken);
    await keeper.save(fileToken);
    expect(await keeper.refresh()).toBe(fileToken);
    expect(keeper.rejections.has(fileToken)).toBe(false);
  });

  it("may be one that no source holds, or a blank one, which is ignored", () => {
    const { keeper, count } = setUp();
    keeper.reject(" ");
    expect(count("token-rejected")).toBe(0);
    keeper.reject("unheard-of-s3cr3t-0123456789");
    expect(count("token-rejected")).toBe(1);
  });

  it("is not given out by a read that ends at that very moment", async () => {
    const { keeper, storage } = setUp(fileToken, both);
    storage.writeFailure = new Error("no");
    await keeper.save(issuedToken).catch(() => {});
    const before = keeper.get();
    keeper.reject(issuedToken);
    expect(await keeper.get()).toBe(fileToken);
    expect(await before).toBe(issuedToken);
  });

  it("is forgotten when ten others were rejected after it, and not before", () => {
    const { keeper } = setUp();
    keeper.reject(fileToken);
    for (let n = 1; n < 10; n += 1) keeper.reject(`token number ${n}, long enough to be shown`);
    expect(keeper.rejections.has(fileToken)).toBe(true);
    keeper.reject(rotatedToken);
    expect(keeper.rejections.has(fileToken)).toBe(false);
    expect(keeper.rejections.size).toBe(10);
  });
});

describe("sources that disagree", () => {
  it("are told of once for each pair, shortened", async () => {
    const { keeper, storage, env, events, count } = setUp(fileToken, { ...both });
    for (const _ of [1, 2, 3]) await keeper.refresh();
    expect(events).toStrictEqual([
      {
        type: "sources-disagree",
        location: storage.location,
        stored: "file… (42 characters)",
        variable: "env0… (42 characters)",
      },
    ]);
    storage.stored = rotatedToken;
    await keeper.refresh();
    env.MOLECULE_WORKSPACE_TOKEN = issuedToken;
    await keeper.refresh();
    await keeper.refresh();
    expect(count("sources-disagree")).toBe(3);
  });

  it("need two different tokens", async () => {
    const { keeper, storage, env, count } = setUp(`${fileToken}\n`, {
      MOLECULE_WORKSPACE_TOKEN: ` ${fileToken}`,
    });
    await keeper.refresh();
    env.MOLECULE_WORKSPACE_TOKEN = " ";
    await keeper.refresh();
    storage.stored = null;
    env.MOLECULE_WORKSPACE_TOKEN = envToken;
    await keeper.refresh();
    expect(count("sources-disagree")).toBe(0);
  });

  it("can be acted on from the listener itself", async () => {
    const storage = testStorage(fileToken);
    let inListener: Promise<string | null> | undefined;
    const keeper = createTokenKeeper(storage, both, (event) => {
      if (event.type === "sources-disagree") keeper.reject(fileToken);
      if (event.type === "token-rejected") inListener = keeper.get();
    });
    await keeper.get();
    expect(await inListener).toBe(envToken);
    expect(await keeper.get()).toBe(envToken);
  });
});
