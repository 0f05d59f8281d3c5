import { describe, expect, it } from "vitest";
import { testCache } from "../test/support/cache.ts";
import { testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, newToken, rotatedToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";
import { envTokenSource } from "./sources.ts";

function setUp(stored: string | null = fileToken, env: Record<string, string | undefined> = {}) {
  const storage = testStorage(stored);
  const events: AuthEvent[] = [];
  const cache = testCache(storage, env, (event) => events.push(event));
  const count = (type: AuthEvent["type"]) => events.filter((event) => event.type === type).length;
  return { cache, storage, env, events, count };
}

const both = { MOLECULE_WORKSPACE_TOKEN: envToken };

describe("a rejected token", () => {
  it("is skipped, and reported once", async () => {
    const { cache, events } = setUp(fileToken, both);
    expect(await cache.get()).toBe(fileToken);
    cache.reject(fileToken);
    cache.reject(fileToken);
    expect(cache.cached).toBeNull();
    expect(await cache.get()).toBe(envToken);
    cache.reject(fileToken);
    expect(await cache.get()).toBe(envToken);
    expect(events.filter(({ type }) => type === "token-rejected")).toStrictEqual([
      { type: "token-rejected", token: "file… (42 characters)" },
    ]);
  });

  it("is used if there is no other, and counts again each time it is rejected", async () => {
    const { cache, count } = setUp();
    for (const times of [1, 2, 3]) {
      expect(await cache.get()).toBe(fileToken);
      cache.reject(fileToken);
      expect(cache.rejections?.get(fileToken)).toBe(times);
    }
    expect(count("token-rejected")).toBe(3);
  });

  it("may be one that no source holds; a blank one is ignored", async () => {
    const { storage, events, count } = setUp();
    const auth = createAuth({ storage, onEvent: (event) => events.push(event) });
    await auth.getToken();
    auth.rejectToken(" ");
    expect(count("token-rejected")).toBe(0);
    auth.rejectToken("unheard-of-s3cr3t-0123456789");
    auth.rejectToken(" unheard-of-s3cr3t-0123456789\n");
    expect(count("token-rejected")).toBe(1);
    await auth.getToken();
    expect(storage.reads).toBe(1);
  });

  it("is not returned by a read that ends at the same moment", async () => {
    const { cache, storage } = setUp(fileToken, both);
    storage.writeFailure = new Error("no");
    await cache.save(newToken).catch(() => {});
    const before = cache.get();
    cache.reject(newToken);
    expect(await cache.get()).toBe(fileToken);
    expect(await before).toBe(newToken);
  });

  it("is dropped after ten later rejections, and not before", () => {
    const { cache } = setUp();
    cache.reject(fileToken);
    for (let n = 1; n < 10; n += 1) cache.reject(`token number ${n}, long enough to be shown`);
    expect(cache.rejections?.has(fileToken)).toBe(true);
    cache.reject(rotatedToken);
    expect(cache.rejections?.has(fileToken)).toBe(false);
    expect(cache.rejections?.size).toBe(10);
  });
});

describe("sources that disagree", () => {
  it("are reported once for each pair, shortened", async () => {
    const { cache, storage, env, events, count } = setUp(fileToken, { ...both });
    for (const _ of [1, 2, 3]) await cache.refresh();
    expect(events).toStrictEqual([
      {
        type: "sources-disagree",
        location: storage.location,
        stored: "file… (42 characters)",
        fallbackLocation: "MOLECULE_WORKSPACE_TOKEN",
        fallback: "env0… (42 characters)",
      },
    ]);
    storage.stored = rotatedToken;
    await cache.refresh();
    env.MOLECULE_WORKSPACE_TOKEN = newToken;
    await cache.refresh();
    await cache.refresh();
    expect(count("sources-disagree")).toBe(3);
  });

  it("hold two different tokens", async () => {
    const { cache, storage, env, count } = setUp(`${fileToken}\n`, {
      MOLECULE_WORKSPACE_TOKEN: ` ${fileToken}`,
    });
    await cache.refresh();
    env.MOLECULE_WORKSPACE_TOKEN = " ";
    await cache.refresh();
    storage.stored = null;
    env.MOLECULE_WORKSPACE_TOKEN = envToken;
    await cache.refresh();
    expect(count("sources-disagree")).toBe(0);
  });

  it("are the storage and any fallback, with two tokens of this platform", async () => {
    const storage = testStorage(fileToken);
    const env: Record<string, string | undefined> = { PLATFORM_URL: "https://a.example", SECOND: envToken };
    const fallback = [envTokenSource(env, "FIRST"), envTokenSource(env, "SECOND")];
    const events: AuthEvent[] = [];
    const auth = createAuth({ storage, env, fallback, onEvent: (event) => events.push(event) });
    await auth.getToken();
    expect(events).toMatchObject([{ type: "sources-disagree", fallbackLocation: "SECOND" }]);
    env.FIRST = newToken;
    env.PLATFORM_URL = "https://b.example";
    await auth.getToken();
    storage.stored = null;
    await auth.refreshCache();
    expect(events).toHaveLength(1);
  });

  it("may be handled within the listener", async () => {
    const storage = testStorage(fileToken);
    let inListener: Promise<string | null> | undefined;
    const cache = testCache(storage, both, (event) => {
      if (event.type === "sources-disagree") cache.reject(fileToken);
      if (event.type === "token-rejected") inListener = cache.get();
    });
    await cache.get();
    expect(await inListener).toBe(envToken);
    expect(await cache.get()).toBe(envToken);
  });
});
