import { describe, expect, it } from "vitest";
import { testCache } from "../test/support/cache.ts";
import { authError } from "../test/support/errors.ts";
import { systemError, testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, issuedToken, rotatedToken } from "../test/support/tokens.ts";
import type { AuthEvent } from "./events.ts";

function setUp(stored: string | null = null, env: Record<string, string | undefined> = {}) {
  const storage = testStorage(stored);
  const events: AuthEvent[] = [];
  const cache = testCache(storage, env, (event) => events.push(event));
  return { cache, storage, env, events, types: () => events.map(({ type }) => type) };
}

describe("an unreadable source", () => {
  it("is reported and passed over, not taken for an absent token", async () => {
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

  it("is a storage that holds what is no token", async () => {
    const { cache, events } = setUp("two\nlines");
    expect(await cache.get()).toBeNull();
    expect(events).toMatchObject([
      { type: "source-failed", source: "storage", error: { code: "TOKEN_INVALID" } },
    ]);
  });

  it("is a variable that holds what is no token", async () => {
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

  it("is an environment that may not be asked", async () => {
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

  it("is asked again, and used once it can be read", async () => {
    const { cache, storage } = setUp(fileToken);
    storage.readFailure = systemError("EIO", "");
    expect(await cache.get()).toBeNull();
    storage.readFailure = undefined;
    expect(await cache.get()).toBe(fileToken);
  });
});

describe("a save that fails", () => {
  it("rejects, says so, and leaves the token in use", async () => {
    const { cache, storage, events } = setUp(fileToken);
    storage.writeFailure = systemError("EROFS", issuedToken);
    const error = await authError("STORAGE_WRITE_FAILED", () => cache.save(issuedToken));
    expect(error.message).toBe(
      "The token cannot be stored in /configs/.auth_token, and stays in memory (Error EROFS).",
    );
    expect(events).toStrictEqual([
      { type: "save-failed", location: storage.location, token: "issd… (42 characters)", error },
    ]);
    expect(await cache.get()).toBe(issuedToken);
    expect(await cache.refresh()).toBe(issuedToken);
    cache.drop();
    expect(await cache.get()).toBe(issuedToken);
  });

  it("is mended by saving again", async () => {
    const { cache, storage, types } = setUp();
    storage.writeFailure = systemError("ENOSPC", "");
    await authError("STORAGE_WRITE_FAILED", () => cache.save(issuedToken));
    storage.writeFailure = undefined;
    await cache.save(issuedToken);
    expect(storage.stored).toBe(issuedToken);
    expect(types()).toStrictEqual(["save-failed", "token-saved"]);
    storage.stored = rotatedToken;
    expect(await cache.refresh()).toBe(rotatedToken);
  });

  it("is tried again though the token can be read: it may not be there for good", async () => {
    const { cache, storage, events } = setUp();
    const store = storage.write;
    storage.write = (token) => {
      storage.stored = token;
      throw systemError("EIO", "the directory was not flushed");
    };
    await authError("STORAGE_WRITE_FAILED", () => cache.save(issuedToken));
    await authError("STORAGE_WRITE_FAILED", () => cache.save(issuedToken));
    storage.write = store;
    await cache.save(issuedToken);
    await cache.save(issuedToken);
    expect(events.slice(2)).toMatchObject([
      { type: "token-saved", written: true },
      { type: "token-saved", written: false },
    ]);
  });

  it("does not hold up the next one", async () => {
    const { cache, storage } = setUp();
    storage.writeFailure = systemError("ENOSPC", "");
    const failing = cache.save(issuedToken);
    const next = cache.save(rotatedToken);
    await authError("STORAGE_WRITE_FAILED", () => failing);
    await authError("STORAGE_WRITE_FAILED", () => next);
    expect(storage.writes).toStrictEqual([issuedToken, rotatedToken]);
    expect(await cache.get()).toBe(rotatedToken);
  });

  it("loses its place to a stored token once the platform refused it", async () => {
    const { cache, storage } = setUp(fileToken);
    storage.writeFailure = systemError("EROFS", "");
    await authError("STORAGE_WRITE_FAILED", () => cache.save(issuedToken));
    cache.reject(issuedToken);
    expect(await cache.get()).toBe(fileToken);
  });

  it("writes over a storage that cannot be read", async () => {
    const { cache, storage } = setUp(fileToken);
    storage.readFailure = systemError("EACCES", "");
    await cache.save(fileToken);
    expect(storage.writes).toStrictEqual([fileToken]);
    expect(await cache.get()).toBe(fileToken);
  });
});

describe("a token that is being saved", () => {
  it("is in use before it is stored", async () => {
    const { cache, storage } = setUp(fileToken);
    let finish = () => {};
    storage.write = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const saving = cache.save(issuedToken);
    expect(await cache.get()).toBe(issuedToken);
    expect(await cache.refresh()).toBe(issuedToken);
    expect(storage.stored).toBe(fileToken);
    finish();
    await saving;
  });

  it("stays in use when another token is still to be written before the same one again", async () => {
    const { cache, storage } = setUp();
    const first = cache.save(issuedToken);
    const second = cache.save(rotatedToken);
    const last = cache.save(issuedToken);
    await first;
    expect(await cache.refresh()).toBe(issuedToken);
    await second;
    expect(await cache.refresh()).toBe(issuedToken);
    await last;
    expect(storage.stored).toBe(issuedToken);
  });

  it("is not lost when it was asked for twice and the last write fails", async () => {
    const { cache, storage } = setUp();
    const saves = [cache.save(issuedToken), cache.save(rotatedToken), cache.save(issuedToken)];
    await saves[1];
    storage.writeFailure = systemError("EROFS", "");
    await authError("STORAGE_WRITE_FAILED", () => saves[2]);
    expect(storage.stored).toBe(rotatedToken);
    expect(await cache.refresh()).toBe(issuedToken);
  });

  it("is not used when it was refused while it was written", async () => {
    const { cache, storage } = setUp(null, { MOLECULE_WORKSPACE_TOKEN: envToken });
    const saving = cache.save(issuedToken);
    cache.reject(issuedToken);
    await saving;
    expect(storage.stored).toBe(issuedToken);
    expect(cache.cached).toBeNull();
    expect(await cache.get()).toBe(envToken);
  });
});
