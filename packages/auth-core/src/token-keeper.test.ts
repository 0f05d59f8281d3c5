import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { systemError, testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, issuedToken, rotatedToken } from "../test/support/tokens.ts";
import type { AuthEvent } from "./events.ts";
import { createTokenKeeper } from "./token-keeper.ts";

function setUp(stored: string | null = null, env: Record<string, string | undefined> = {}) {
  const storage = testStorage(stored);
  const events: AuthEvent[] = [];
  const keeper = createTokenKeeper(storage, env, (event) => events.push(event));
  return { keeper, storage, env, events, types: () => events.map(({ type }) => type) };
}

describe("an unreadable source", () => {
  it("is reported and passed over, not taken for an absent token", async () => {
    const { keeper, storage, events } = setUp(fileToken, { MOLECULE_WORKSPACE_TOKEN: envToken });
    storage.readFailure = systemError("EACCES", fileToken);
    expect(await keeper.get()).toBe(envToken);
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
    const { keeper, events } = setUp("two\nlines");
    expect(await keeper.get()).toBeNull();
    expect(events).toMatchObject([
      { type: "source-failed", source: "storage", error: { code: "TOKEN_INVALID" } },
    ]);
  });

  it("is a variable that holds what is no token", async () => {
    const { keeper, events } = setUp(null, { MOLECULE_WORKSPACE_TOKEN: "two\nlines" });
    expect(await keeper.get()).toBeNull();
    expect(events).toMatchObject([
      {
        type: "source-failed",
        source: "env",
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
    const { keeper, events } = setUp(null, env);
    expect(await keeper.get()).toBeNull();
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
    const { keeper, storage } = setUp(fileToken);
    storage.readFailure = systemError("EIO", "");
    expect(await keeper.get()).toBeNull();
    storage.readFailure = undefined;
    expect(await keeper.get()).toBe(fileToken);
  });
});

describe("a save that fails", () => {
  it("rejects, says so, and leaves the token in use", async () => {
    const { keeper, storage, events } = setUp(fileToken);
    storage.writeFailure = systemError("EROFS", issuedToken);
    const error = await authError("STORAGE_WRITE_FAILED", () => keeper.save(issuedToken));
    expect(error.message).toBe(
      "The token cannot be stored in /configs/.auth_token, and stays in memory (Error EROFS).",
    );
    expect(events).toStrictEqual([
      { type: "save-failed", location: storage.location, token: "issd… (42 characters)", error },
    ]);
    expect(await keeper.get()).toBe(issuedToken);
    expect(await keeper.refresh()).toBe(issuedToken);
    keeper.drop();
    expect(await keeper.get()).toBe(issuedToken);
  });

  it("is mended by saving again", async () => {
    const { keeper, storage, types } = setUp();
    storage.writeFailure = systemError("ENOSPC", "");
    await authError("STORAGE_WRITE_FAILED", () => keeper.save(issuedToken));
    storage.writeFailure = undefined;
    await keeper.save(issuedToken);
    expect(storage.stored).toBe(issuedToken);
    expect(types()).toStrictEqual(["save-failed", "token-saved"]);
    storage.stored = rotatedToken;
    expect(await keeper.refresh()).toBe(rotatedToken);
  });

  it("is tried again though the token can be read: it may not be there for good", async () => {
    const { keeper, storage, events } = setUp();
    const store = storage.write;
    storage.write = (token) => {
      storage.stored = token;
      throw systemError("EIO", "the directory was not flushed");
    };
    await authError("STORAGE_WRITE_FAILED", () => keeper.save(issuedToken));
    await authError("STORAGE_WRITE_FAILED", () => keeper.save(issuedToken));
    storage.write = store;
    await keeper.save(issuedToken);
    await keeper.save(issuedToken);
    expect(events.slice(2)).toMatchObject([
      { type: "token-saved", written: true },
      { type: "token-saved", written: false },
    ]);
  });

  it("does not hold up the next one", async () => {
    const { keeper, storage } = setUp();
    storage.writeFailure = systemError("ENOSPC", "");
    const failing = keeper.save(issuedToken);
    const next = keeper.save(rotatedToken);
    await authError("STORAGE_WRITE_FAILED", () => failing);
    await authError("STORAGE_WRITE_FAILED", () => next);
    expect(storage.writes).toStrictEqual([issuedToken, rotatedToken]);
    expect(await keeper.get()).toBe(rotatedToken);
  });

  it("loses its place to a stored token once the platform refused it", async () => {
    const { keeper, storage } = setUp(fileToken);
    storage.writeFailure = systemError("EROFS", "");
    await authError("STORAGE_WRITE_FAILED", () => keeper.save(issuedToken));
    keeper.reject(issuedToken);
    expect(await keeper.get()).toBe(fileToken);
  });

  it("writes over a storage that cannot be read", async () => {
    const { keeper, storage } = setUp(fileToken);
    storage.readFailure = systemError("EACCES", "");
    await keeper.save(fileToken);
    expect(storage.writes).toStrictEqual([fileToken]);
    expect(await keeper.get()).toBe(fileToken);
  });
});

describe("a token that is being saved", () => {
  it("is in use before it is stored", async () => {
    const { keeper, storage } = setUp(fileToken);
    storage.write = () => new Promise(() => {});
    void keeper.save(issuedToken);
    expect(await keeper.get()).toBe(issuedToken);
    expect(await keeper.refresh()).toBe(issuedToken);
    expect(storage.stored).toBe(fileToken);
  });

  it("stays in use when another token is still to be written before the same one again", async () => {
    const { keeper, storage } = setUp();
    const first = keeper.save(issuedToken);
    const second = keeper.save(rotatedToken);
    const last = keeper.save(issuedToken);
    await first;
    expect(await keeper.refresh()).toBe(issuedToken);
    await second;
    expect(await keeper.refresh()).toBe(issuedToken);
    await last;
    expect(storage.stored).toBe(issuedToken);
  });

  it("is not lost when it was asked for twice and the last write fails", async () => {
    const { keeper, storage } = setUp();
    const saves = [keeper.save(issuedToken), keeper.save(rotatedToken), keeper.save(issuedToken)];
    await saves[1];
    storage.writeFailure = systemError("EROFS", "");
    await authError("STORAGE_WRITE_FAILED", () => saves[2]);
    expect(storage.stored).toBe(rotatedToken);
    expect(await keeper.refresh()).toBe(issuedToken);
  });

  it("is not used when it was refused while it was written", async () => {
    const { keeper, storage } = setUp(null, { MOLECULE_WORKSPACE_TOKEN: envToken });
    const saving = keeper.save(issuedToken);
    keeper.reject(issuedToken);
    await saving;
    expect(storage.stored).toBe(issuedToken);
    expect(keeper.cached()).toBeNull();
    expect(await keeper.get()).toBe(envToken);
  });
});
