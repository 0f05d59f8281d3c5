import { describe, expect, it } from "vitest";
import { testCache } from "../test/support/cache.ts";
import { authError } from "../test/support/errors.ts";
import { systemError, testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, newToken, rotatedToken } from "../test/support/tokens.ts";
import type { AuthEvent } from "./events.ts";

function setUp(stored: string | null = null, env: Record<string, string | undefined> = {}) {
  const storage = testStorage(stored);
  const events: AuthEvent[] = [];
  const cache = testCache(storage, env, (event) => events.push(event));
  return { cache, storage, env, events, types: () => events.map(({ type }) => type) };
}

describe("an unreadable source", () => {
  it("is reported and skipped, not treated as empty", async () => {
    const { cache, storage, events } = setUp(fileToken, { MOLECULE_WORKSPACE_TOKEN: envToken });
    storage.readFailure = systemError("EACCES", fileToken);
    expect(await cache.get()).toBe(envToken);
    expect(events).toMatchObject([
      {
        type: "source-failed",
        source: "storage",
        location: storage.location,
        error: { code: "STORAGE_READ_FAILED" },
      },
    ]);
  });

  it("includes a storage with text that is not a token", async () => {
    const { cache, events } = setUp("two\nlines");
    expect(await cache.get()).toBeNull();
    expect(events).toMatchObject([
      { type: "source-failed", source: "storage", error: { code: "TOKEN_INVALID" } },
    ]);
  });

  it("includes an environment variable that is not a token", async () => {
    const { cache, events } = setUp(null, { MOLECULE_WORKSPACE_TOKEN: "two\nlines" });
    expect(await cache.get()).toBeNull();
    expect(events).toMatchObject([
      {
        type: "source-failed",
        source: "fallback",
        location: "MOLECULE_WORKSPACE_TOKEN",
        error: { code: "TOKEN_INVALID" },
      },
    ]);
  });

  it("includes an environment that may not be read", async () => {
    const env = {
      get MOLECULE_WORKSPACE_TOKEN(): string {
        throw new RangeError("no permission");
      },
    };
    const { cache, events } = setUp(null, env);
    expect(await cache.get()).toBeNull();
    expect(events).toMatchObject([
      {
        error: {
          code: "STORAGE_READ_FAILED",
          message: "MOLECULE_WORKSPACE_TOKEN cannot be read (RangeError).",
        },
      },
    ]);
  });
});

describe("a save that fails", () => {
  it("rejects, is reported, and leaves the token in use", async () => {
    const { cache, storage, events } = setUp(fileToken);
    storage.writeFailure = systemError("EROFS", newToken);
    const error = await authError("STORAGE_WRITE_FAILED", () => cache.save(newToken));
    expect(error.message).toBe(
      "The token cannot be stored in /configs/.auth_token, and stays in memory (Error EROFS).",
    );
    expect(events).toStrictEqual([
      { type: "save-failed", location: storage.location, token: "issd… (42 characters)", error },
    ]);
    expect(await cache.get()).toBe(newToken);
    expect(await cache.refresh()).toBe(newToken);
    cache.drop();
    expect(await cache.get()).toBe(newToken);
  });

  it("is fixed by saving again", async () => {
    const { cache, storage, types } = setUp();
    storage.writeFailure = systemError("ENOSPC", "");
    await authError("STORAGE_WRITE_FAILED", () => cache.save(newToken));
    storage.writeFailure = undefined;
    await cache.save(newToken);
    expect(storage.stored).toBe(newToken);
    expect(types()).toStrictEqual(["save-failed", "token-saved"]);
    storage.stored = rotatedToken;
    expect(await cache.refresh()).toBe(rotatedToken);
  });

  it("is retried even if the token can be read, because it may not be durable", async () => {
    const { cache, storage, events } = setUp();
    const store = storage.write;
    storage.write = (token) => {
      storage.stored = token;
      throw systemError("EIO", "the directory was not flushed");
    };
    await authError("STORAGE_WRITE_FAILED", () => cache.save(newToken));
    await authError("STORAGE_WRITE_FAILED", () => cache.save(newToken));
    storage.write = store;
    await cache.save(newToken);
    await cache.save(newToken);
    expect(events.slice(2)).toMatchObject([
      { type: "token-saved", written: true },
      { type: "token-saved", written: false },
    ]);
  });

  it("does not block the next one", async () => {
    const { cache, storage } = setUp();
    storage.writeFailure = systemError("ENOSPC", "");
    const failing = cache.save(newToken);
    const next = cache.save(rotatedToken);
    await authError("STORAGE_WRITE_FAILED", () => failing);
    await authError("STORAGE_WRITE_FAILED", () => next);
    expect(storage.writes).toStrictEqual([newToken, rotatedToken]);
    expect(await cache.get()).toBe(rotatedToken);
  });

  it("does not stop a later one from overwriting an unreadable storage", async () => {
    const { cache, storage } = setUp(fileToken);
    storage.readFailure = systemError("EACCES", "");
    await cache.save(fileToken);
    expect(storage.writes).toStrictEqual([fileToken]);
    expect(await cache.get()).toBe(fileToken);
  });
});

describe("a token that is being saved", () => {
  it("is used before it is stored", async () => {
    const { cache, storage } = setUp(fileToken);
    let finish = () => {};
    storage.write = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const saving = cache.save(newToken);
    expect(await cache.get()).toBe(newToken);
    expect(await cache.refresh()).toBe(newToken);
    expect(storage.stored).toBe(fileToken);
    finish();
    await saving;
  });

  it("stays in use while another token and then the same one again are still to be written", async () => {
    const { cache, storage } = setUp();
    const first = cache.save(newToken);
    const second = cache.save(rotatedToken);
    const last = cache.save(newToken);
    await first;
    expect(await cache.refresh()).toBe(newToken);
    await second;
    expect(await cache.refresh()).toBe(newToken);
    await last;
    expect(storage.stored).toBe(newToken);
  });

  it("replaces the result of reads in flight, even if it was superseded by one that is rejected and not stored", async () => {
    const { cache, storage } = setUp(fileToken);
    let store = () => {};
    const begun = new Promise<void>((begin) => {
      storage.write = (token) => {
        if (token === newToken) throw systemError("ENOSPC", "");
        begin();
        return new Promise((resolve) => {
          store = () => {
            storage.stored = token;
            resolve();
          };
        });
      };
    });
    const saving = cache.save(rotatedToken);
    const failing = authError("STORAGE_WRITE_FAILED", () => cache.save(newToken));
    cache.reject(newToken);
    await begun;
    const { read } = storage;
    let answer = () => {};
    storage.read = () => new Promise((resolve) => (answer = () => resolve(fileToken)));
    const early = cache.refresh();
    storage.read = read;
    store();
    await Promise.all([saving, failing]);
    const late = cache.get();
    answer();
    expect(await Promise.all([early, late, cache.get()])).toStrictEqual(Array(3).fill(rotatedToken));
  });

  it("is not lost if it was saved twice and the last write fails", async () => {
    const { cache, storage } = setUp();
    const saves = [cache.save(newToken), cache.save(rotatedToken), cache.save(newToken)];
    await saves[1];
    storage.writeFailure = systemError("EROFS", "");
    await authError("STORAGE_WRITE_FAILED", () => saves[2]);
    expect(storage.stored).toBe(rotatedToken);
    expect(await cache.refresh()).toBe(newToken);
  });

  it("is not used if it was rejected during the write", async () => {
    const { cache, storage } = setUp(null, { MOLECULE_WORKSPACE_TOKEN: envToken });
    const saving = cache.save(newToken);
    cache.reject(newToken);
    await saving;
    expect(storage.stored).toBe(newToken);
    expect(cache.cached).toBeNull();
    expect(await cache.get()).toBe(envToken);
  });
});
