import { describe, expect, it, vi } from "vitest";
import { testStorage } from "../test/support/storage.ts";
import { fileToken, newToken, rotatedToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";
import { memoryTokenStorage, type TokenStorage } from "./storage.ts";

function setUp(storage = testStorage(fileToken)) {
  const events: AuthEvent[] = [];
  return { storage, events, auth: createAuth({ storage, onEvent: (event) => events.push(event) }) };
}

describe("watch", () => {
  it("drops the cached token when another writer stores one", async () => {
    const { auth, storage, events } = setUp();
    auth.watch();
    await auth.getToken();
    storage.change(rotatedToken);
    expect(events).toStrictEqual([{ type: "storage-changed", location: "/configs/.auth_token" }]);
    expect(await auth.getToken()).toBe(rotatedToken);
  });

  it("works while a save is flushed: another writer's token counts", async () => {
    const storage = testStorage(fileToken);
    const write = storage.write.bind(storage);
    storage.write = async (token) => {
      await write(token);
      storage.change(rotatedToken);
    };
    const { auth } = setUp(storage);
    auth.watch();
    await auth.saveToken(newToken);
    expect(await auth.getToken()).toBe(rotatedToken);
  });

  it("neither keeps a caller waiting nor caches when every read comes with a change", async () => {
    const { auth, storage } = setUp();
    auth.watch();
    const read = storage.read.bind(storage);
    storage.read = () => {
      if (storage.reads < 50) storage.change(fileToken);
      return read();
    };
    for (const reads of [21, 42]) {
      expect(await auth.getToken()).toBe(fileToken);
      expect(storage.reads).toBe(reads);
    }
  });

  it("stops when unsubscribed", async () => {
    const { auth, storage, events } = setUp();
    const stop = auth.watch();
    await auth.getToken();
    stop();
    storage.change(rotatedToken);
    expect(await auth.getToken()).toBe(fileToken);
    expect(events).toStrictEqual([]);
  });

  it("passes its signal to the storage", () => {
    const { auth, storage } = setUp();
    const watch = vi.spyOn(storage, "watch");
    const { signal } = new AbortController();
    auth.watch({ signal });
    expect(watch).toHaveBeenCalledWith(expect.any(Function), { signal });
  });

  it("does nothing for a storage without watch", () => {
    const { location, read, write } = memoryTokenStorage();
    const silent: TokenStorage = { location, read, write };
    expect(() => createAuth({ storage: silent }).watch()()).not.toThrow();
  });

  it("keeps registered workspaces", () => {
    const { auth, storage } = setUp();
    auth.watch();
    auth.registerWorkspaceToken("a", newToken);
    storage.change(rotatedToken);
    expect(auth.getWorkspaceToken("a")).toBe(newToken);
  });
});
