import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, newToken, workspaceToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";

// The behaviour that callers of the Python module rely on, function by function; the registry has tests of its own.

function setUp(stored: string | null = null, env: Record<string, string | undefined> = {}) {
  const storage = testStorage(stored);
  const events: AuthEvent[] = [];
  const auth = createAuth({ storage, env, onEvent: (event) => events.push(event) });
  return { auth, storage, env, events };
}

describe("get_token", () => {
  it("trims the token", async () => {
    expect(await setUp(` ${fileToken}\n`).auth.getToken()).toBe(fileToken);
    expect(await setUp(null, { MOLECULE_WORKSPACE_TOKEN: ` ${envToken}\n` }).auth.getToken()).toBe(envToken);
  });

  it("returns null when there is none", async () => {
    expect(await setUp().auth.getToken()).toBeNull();
    expect(await setUp("", { MOLECULE_WORKSPACE_TOKEN: "  " }).auth.getToken()).toBeNull();
    expect(await createAuth({ storage: testStorage() }).getToken()).toBeNull();
  });
});

describe("save_token", () => {
  it("stores the trimmed token and uses it", async () => {
    const { auth, storage } = setUp();
    await auth.saveToken(` ${newToken}\n`);
    expect(storage.stored).toBe(newToken);
    expect(await auth.getToken()).toBe(newToken);
    expect(storage.reads).toBe(1);
  });

  it("does not rewrite a stored token", async () => {
    const { auth, storage, events } = setUp(`${fileToken}\n`);
    await auth.saveToken(fileToken);
    expect(storage.writes).toStrictEqual([]);
    expect(await auth.getToken()).toBe(fileToken);
    expect(events).toMatchObject([{ type: "token-saved", written: false }]);
  });

  it.each([[""], [" \n"], ["a\nb"]])("rejects %j, and changes nothing", async (token) => {
    const { auth, storage, events } = setUp(fileToken);
    await authError("TOKEN_INVALID", () => auth.saveToken(token));
    expect(storage.writes).toStrictEqual([]);
    expect(await auth.getToken()).toBe(fileToken);
    expect(events).toStrictEqual([]);
  });
});

describe("refresh_cache", () => {
  it("leaves the registry unchanged", async () => {
    const { auth } = setUp(fileToken);
    auth.registerWorkspaceToken("a", workspaceToken);
    await auth.refreshCache();
    expect(auth.getWorkspaceToken("a")).toBe(workspaceToken);
  });
});

describe("an Auth", () => {
  it("has methods that work without this", async () => {
    const { getToken, saveToken, registerWorkspaceToken, listRegisteredWorkspaces, watch } = setUp().auth;
    await saveToken(newToken);
    registerWorkspaceToken("a", workspaceToken);
    watch()();
    expect([await getToken(), ...listRegisteredWorkspaces()]).toStrictEqual([newToken, "a"]);
  });

  it("shares nothing with another instance", async () => {
    const [one, other] = [setUp(fileToken).auth, setUp(envToken).auth];
    one.registerWorkspaceToken("a", workspaceToken);
    one.rejectToken(envToken);
    expect(await one.getToken()).toBe(fileToken);
    expect(await other.getToken()).toBe(envToken);
    expect(other.getWorkspaceToken("a")).toBeNull();
  });
});
