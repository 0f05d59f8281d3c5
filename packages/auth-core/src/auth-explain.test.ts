import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { systemError, testStorage } from "../test/support/storage.ts";
import { allTokens, envToken, fileToken, newToken, workspaceToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";

function setUp(stored: string | null = fileToken, env: Record<string, string | undefined> = {}) {
  const storage = testStorage(stored);
  const events: AuthEvent[] = [];
  const auth = createAuth({ storage, env, onEvent: (event) => events.push(event) });
  const states = async (id?: string) => {
    const { used, sources } = await auth.explain(id);
    return [used, Object.fromEntries(sources.map(({ source, state }) => [source, state]))];
  };
  return { auth, storage, events, states };
}

describe("explain", () => {
  it("reports what each source holds before the first read", async () => {
    const { auth } = setUp(fileToken, { MOLECULE_WORKSPACE_TOKEN: envToken });
    expect(await auth.explain()).toStrictEqual({
      workspaceId: null,
      used: "storage",
      sources: [
        { source: "cache", location: "memory", state: "empty" },
        { source: "unsaved", location: "memory", state: "empty" },
        {
          source: "storage",
          location: "/configs/.auth_token",
          state: "used",
          token: "file… (42 characters)",
          sameAsUsed: true,
        },
        {
          source: "fallback",
          location: "MOLECULE_WORKSPACE_TOKEN",
          state: "shadowed",
          token: "env0… (42 characters)",
          sameAsUsed: false,
        },
      ],
    });
  });

  it("shows a cache that hides a changed file", async () => {
    const { auth, storage, states } = setUp();
    await auth.getToken();
    storage.stored = newToken;
    expect(await states()).toStrictEqual([
      "cache",
      { cache: "used", unsaved: "empty", storage: "shadowed", fallback: "empty" },
    ]);
  });

  it("shows rejected sources, and the last resort", async () => {
    const { auth, states } = setUp(fileToken, { MOLECULE_WORKSPACE_TOKEN: envToken });
    auth.rejectToken(fileToken);
    expect(await states()).toStrictEqual([
      "fallback",
      { cache: "empty", unsaved: "empty", storage: "rejected", fallback: "used" },
    ]);
    auth.rejectToken(envToken);
    const { sources } = await auth.explain();
    expect(sources.find(({ state }) => state === "used")).toMatchObject({
      source: "storage",
      lastResort: true,
    });
  });

  it("shows a token that could not be stored, and why a source failed", async () => {
    const { auth, storage, states } = setUp(null, { MOLECULE_WORKSPACE_TOKEN: "a\nb" });
    storage.readFailure = systemError("EACCES", fileToken);
    storage.writeFailure = systemError("EROFS", fileToken);
    await authError("STORAGE_WRITE_FAILED", () => auth.saveToken(newToken));
    expect(await states()).toStrictEqual([
      "unsaved",
      { cache: "empty", unsaved: "used", storage: "failed", fallback: "failed" },
    ]);
    const { sources } = await auth.explain();
    expect(sources.map(({ reason }) => reason)).toStrictEqual([
      undefined,
      undefined,
      "/configs/.auth_token cannot be read (Error EACCES).",
      expect.stringMatching(/printable ASCII/),
    ]);
  });

  it("puts a registered workspace's own token first", async () => {
    const { auth, states } = setUp();
    auth.registerWorkspaceToken("a", workspaceToken);
    expect(await states(" a ")).toStrictEqual([
      "workspace",
      { workspace: "used", cache: "empty", unsaved: "empty", storage: "shadowed", fallback: "empty" },
    ]);
    const { workspaceId, sources } = await auth.explain(" a ");
    expect(workspaceId).toBe("a");
    expect(sources[0]).toMatchObject({ location: "registry", token: "work… (42 characters)" });
  });

  it("reports that an unregistered workspace has none and uses the single-workspace token", async () => {
    const { auth, states } = setUp();
    expect(await states("b")).toStrictEqual([
      "storage",
      { workspace: "empty", cache: "empty", unsaved: "empty", storage: "used", fallback: "empty" },
    ]);
    expect((await auth.explain("b")).workspaceId).toBe("b");
    expect((await auth.explain(" ")).workspaceId).toBeNull();
    expect((await auth.explain(null)).sources).toHaveLength(4);
  });

  it("reports when there is no token", async () => {
    expect((await setUp(null).auth.explain()).used).toBeNull();
  });

  it("rejects an invalid id", async () => {
    await authError("WORKSPACE_ID_INVALID", () => setUp().auth.explain("A"));
  });

  it("changes nothing, emits nothing, and contains no token", async () => {
    const { auth, storage, events } = setUp(fileToken, { MOLECULE_WORKSPACE_TOKEN: envToken });
    auth.registerWorkspaceToken("a", workspaceToken);
    const explanations = JSON.stringify([
      await auth.explain(),
      await auth.explain("a"),
      await auth.explain("b"),
    ]);
    for (const token of allTokens) expect(explanations).not.toContain(token);
    expect(events).toStrictEqual([]);
    expect(storage.writes).toStrictEqual([]);
    storage.stored = newToken;
    expect(await auth.getToken()).toBe(newToken);
    expect(events.map(({ type }) => type)).toStrictEqual(["sources-disagree"]);
  });
});
