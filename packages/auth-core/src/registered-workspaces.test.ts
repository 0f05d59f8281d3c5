import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { testStorage } from "../test/support/storage.ts";
import { fileToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";

function setUp() {
  const events: AuthEvent[] = [];
  return { auth: createAuth({ storage: testStorage(), onEvent: (event) => events.push(event) }), events };
}

describe("registered workspaces", () => {
  it("are stored by trimmed id, in order of registration", async () => {
    const { auth } = setUp();
    auth.registerWorkspaceToken(" b ", " token-b ");
    auth.registerWorkspaceToken("a", "token-a");
    auth.registerWorkspaceToken("b", "token-b2");
    expect(auth.listRegisteredWorkspaces()).toStrictEqual(["b", "a"]);
    expect(auth.getWorkspaceToken("b")).toBe("token-b2");
    expect(["a", " b\n", "c", ""].map(auth.getWorkspaceToken)).toStrictEqual([
      "token-a",
      "token-b2",
      null,
      null,
    ]);
    expect(auth.platformOrigin("b")).toBeNull();
    expect(await auth.authHeaders("b")).toStrictEqual({ Authorization: "Bearer token-b2" });
  });

  it("report a rotation only if the token was replaced", () => {
    const { auth, events } = setUp();
    auth.registerWorkspaceToken("a", "the-first-token-0123456789");
    auth.registerWorkspaceToken("a", " the-first-token-0123456789 ");
    expect(events).toStrictEqual([]);
    auth.registerWorkspaceToken("a", "second");
    expect(events).toStrictEqual([
      { type: "token-rotated", workspaceId: "a", before: "the-… (26 characters)", after: "(short)" },
    ]);
  });

  it.each(["a", " a\n"])("take effect at once, even if %j was looked up just before", async (id) => {
    const { auth } = setUp();
    const bearer = async () => (await auth.authHeaders(id)).Authorization;
    expect(await bearer()).toBeUndefined();
    auth.registerWorkspaceToken("a", "token-a");
    expect(await bearer()).toBe("Bearer token-a");
    auth.registerWorkspaceToken("a", "token-a2");
    expect(await bearer()).toBe("Bearer token-a2");
    auth.clearCache();
    expect(await bearer()).toBeUndefined();
  });

  it.each([
    ["", "token"],
    [" ", "token"],
    ["a", ""],
    ["a", "\n"],
    ["BAD ID", " "],
  ])("ignore id %j with token %j", (id, token) => {
    const { auth } = setUp();
    auth.registerWorkspaceToken(id, token);
    expect(auth.listRegisteredWorkspaces()).toStrictEqual([]);
  });

  it.each([Buffer.from(fileToken), 5, { token: fileToken }])(
    "are not ignored if the token is %o: the single-workspace token would be sent for them",
    async (token) => {
      const { auth } = setUp();
      await authError("TOKEN_INVALID", () => auth.registerWorkspaceToken("a", token as never));
      await authError("WORKSPACE_ID_INVALID", () => auth.registerWorkspaceToken(token as never, fileToken));
    },
  );

  it("keep their own platform until another one is given", () => {
    const { auth } = setUp();
    auth.registerWorkspaceToken("a", "one", { platformUrl: "https://a.example/base" });
    expect(auth.platformOrigin("a")).toBe("https://a.example");
    auth.registerWorkspaceToken("a", "two");
    auth.registerWorkspaceToken("a", "two", { platformUrl: " " });
    expect(auth.platformOrigin("a")).toBe("https://a.example");
    auth.registerWorkspaceToken("a", "two", { platformUrl: "https://b.example" });
    expect(auth.platformOrigin("a")).toBe("https://b.example");
    expect(auth.getWorkspaceToken("a")).toBe("two");
  });

  it("do not change if the id, token or URL is invalid", async () => {
    const { auth, events } = setUp();
    auth.registerWorkspaceToken("a", "one");
    await authError("WORKSPACE_ID_INVALID", () => auth.registerWorkspaceToken("A", "two"));
    await authError("TOKEN_INVALID", () => auth.registerWorkspaceToken("a", "t\nwo"));
    const error = await authError("PLATFORM_URL_INVALID", () =>
      auth.registerWorkspaceToken("a", "two", { platformUrl: "nowhere" }),
    );
    expect(error.message).toMatch(/^The platform URL of a must be/);
    expect(auth.listRegisteredWorkspaces()).toStrictEqual(["a"]);
    expect(auth.getWorkspaceToken("a")).toBe("one");
    expect(auth.platformOrigin("a")).toBeNull();
    expect(events).toStrictEqual([]);
  });

  it("are listed in an array that its caller may change", () => {
    const { auth } = setUp();
    auth.registerWorkspaceToken("a", "one");
    auth.listRegisteredWorkspaces().push("b");
    expect(auth.listRegisteredWorkspaces()).toStrictEqual(["a"]);
  });

  it("are gone once cleared", () => {
    const { auth, events } = setUp();
    auth.registerWorkspaceToken("a", "one", { platformUrl: "https://a.example" });
    auth.clearCache();
    expect(auth.listRegisteredWorkspaces()).toStrictEqual([]);
    expect(auth.getWorkspaceToken("a")).toBeNull();
    auth.registerWorkspaceToken("a", "two");
    expect(auth.platformOrigin("a")).toBeNull();
    expect(events).toStrictEqual([]);
  });
});
