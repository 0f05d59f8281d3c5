import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, newToken, rotatedToken, workspaceToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";

// The behaviour that callers of the Python module rely on, function by function.

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

describe("register_workspace_token, get_workspace_token, list_registered_workspaces", () => {
  it("keeps a token for each workspace, in order of registration", () => {
    const { auth, events } = setUp();
    auth.registerWorkspaceToken("b", workspaceToken);
    auth.registerWorkspaceToken(" a ", ` ${newToken} `);
    expect(auth.listRegisteredWorkspaces()).toStrictEqual(["b", "a"]);
    expect(auth.getWorkspaceToken("b")).toBe(workspaceToken);
    expect(auth.getWorkspaceToken(" a\n")).toBe(newToken);
    expect(auth.getWorkspaceToken("c")).toBeNull();
    expect(auth.getWorkspaceToken("")).toBeNull();
    expect(events).toStrictEqual([]);
  });

  it("ignores a blank id and a blank token", () => {
    const { auth, events } = setUp();
    auth.registerWorkspaceToken(" ", workspaceToken);
    auth.registerWorkspaceToken("a", "");
    expect(auth.listRegisteredWorkspaces()).toStrictEqual([]);
    expect(events).toStrictEqual([]);
  });

  it("replaces a different token in place, and reports the rotation", () => {
    const { auth, events } = setUp();
    auth.registerWorkspaceToken("a", workspaceToken);
    auth.registerWorkspaceToken("b", newToken);
    auth.registerWorkspaceToken(" a", ` ${rotatedToken}`);
    expect(auth.getWorkspaceToken("a")).toBe(rotatedToken);
    expect(auth.listRegisteredWorkspaces()).toStrictEqual(["a", "b"]);
    expect(events).toStrictEqual([
      {
        type: "token-rotated",
        workspaceId: "a",
        before: "work… (42 characters)",
        after: "rota… (42 characters)",
      },
    ]);
  });
});

describe("clear_cache", () => {
  it("clears the cached token and every registered workspace", async () => {
    const { auth, storage } = setUp(fileToken);
    await auth.getToken();
    auth.registerWorkspaceToken("a", workspaceToken);
    storage.stored = rotatedToken;
    auth.clearCache();
    expect(auth.listRegisteredWorkspaces()).toStrictEqual([]);
    expect(auth.getWorkspaceToken("a")).toBeNull();
    expect(await auth.getToken()).toBe(rotatedToken);
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
