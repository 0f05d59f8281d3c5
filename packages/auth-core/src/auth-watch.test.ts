import { describe, expect, it } from "vitest";
import { testStorage } from "../test/support/storage.ts";
import { fileToken, issuedToken, rotatedToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";
import { memoryTokenStorage, type TokenStorage } from "./storage.ts";

function setUp(storage = testStorage(fileToken)) {
  const events: AuthEvent[] = [];
  return { storage, events, auth: createAuth({ storage, onEvent: (event) => events.push(event) }) };
}

describe("watch", () => {
  it("drops the cached token when somebody else stores another one", async () => {
    const { auth, storage, events } = setUp();
    auth.watch();
    await auth.getToken();
    storage.change(rotatedToken);
    expect(events).toStrictEqual([{ type: "storage-changed", location: "/configs/.auth_token" }]);
    expect(await auth.getToken()).toBe(rotatedToken);
  });

  it("is heard while a save is being flushed: what somebody else stored meanwhile counts", async () => {
    const storage = testStorage(fileToken);
    const write = storage.write.bind(storage);
    storage.write = async (token) => {
      await write(token);
      storage.change(rotatedToken);
    };
    const { auth } = setUp(storage);
    auth.watch();
    await auth.saveToken(issuedToken);
    expect(await auth.getToken()).toBe(rotatedToken);
  });

  it("stops when it is told to", async () => {
    const { auth, storage, events } = setUp();
    const stop = auth.watch();
    await auth.getToken();
    stop();
    storage.change(rotatedToken);
    expect(await auth.getToken()).toBe(fileToken);
    expect(events).toStrictEqual([]);
  });

  it("changes nothing until it is asked for", async () => {
    const { auth, storage } = setUp();
    await auth.getToken();
    storage.change(rotatedToken);
    expect(await auth.getToken()).toBe(fileToken);
  });

  it("does nothing for a storage that cannot tell", () => {
    const { location, read, write } = memoryTokenStorage();
    const silent: TokenStorage = { location, read, write };
    expect(() => createAuth({ storage: silent }).watch()()).not.toThrow();
  });

  it("keeps a token in use that was just saved through it", async () => {
    const { auth } = setUp();
    auth.watch();
    await auth.saveToken(issuedToken);
    expect(await auth.getToken()).toBe(issuedToken);
  });

  it("keeps registered workspaces", () => {
    const { auth, storage } = setUp();
    auth.watch();
    auth.registerWorkspaceToken("a", issuedToken);
    storage.change(rotatedToken);
    expect(auth.getWorkspaceToken("a")).toBe(issuedToken);
  });
});
