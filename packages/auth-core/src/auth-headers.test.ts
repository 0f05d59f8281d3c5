import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { testStorage } from "../test/support/storage.ts";
import { fileToken, workspaceToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import { WorkspaceAuth } from "./workspace-auth.ts";

const platform = { PLATFORM_URL: "https://p.example/base/", MOLECULE_ORG_ID: "org-1" };

function setUp(stored: string | null = fileToken, env: Record<string, string | undefined> = { ...platform }) {
  return { auth: createAuth({ storage: testStorage(stored), env }), env };
}

const single = {
  Origin: "https://p.example",
  Authorization: `Bearer ${fileToken}`,
  "X-Molecule-Org-Id": "org-1",
};

describe("auth_headers", () => {
  it("without an id, has the single-workspace token", async () => {
    const { auth } = setUp();
    for (const id of [undefined, null, "", "  "]) expect(await auth.authHeaders(id)).toStrictEqual(single);
  });

  it("with an id that is not a string, rejects as for any invalid id", async () => {
    const { auth } = setUp();
    for (const id of [5, true, {}, [], () => "a"]) {
      await authError("WORKSPACE_ID_INVALID", () => auth.authHeaders(id as never));
      await authError("WORKSPACE_ID_INVALID", () => auth.platformOrigin(id as never));
    }
  });

  it("with a known id, has that workspace's token", async () => {
    const { auth } = setUp();
    auth.registerWorkspaceToken("a", workspaceToken);
    const headers = { ...single, Authorization: `Bearer ${workspaceToken}` };
    expect(await auth.authHeaders("a")).toStrictEqual(headers);
    expect(await auth.authHeaders(" a\n")).toStrictEqual(headers);
  });

  it("goes to a workspace's own platform without the tenant of another one", async () => {
    const { auth } = setUp();
    auth.registerWorkspaceToken("a", workspaceToken, { platformUrl: "https://own.example/x" });
    const headers = { Origin: "https://own.example", Authorization: `Bearer ${workspaceToken}` };
    expect(await auth.authHeaders("a")).toStrictEqual(headers);
    expect(await auth.selfSourceHeaders("a")).toStrictEqual({ ...headers, "X-Workspace-ID": "a" });
  });

  it("omits headers without a value: a missing token is no error", async () => {
    expect(await setUp(null, {}).auth.authHeaders()).toStrictEqual({});
    expect(await setUp(null).auth.authHeaders()).toStrictEqual({
      Origin: "https://p.example",
      "X-Molecule-Org-Id": "org-1",
    });
  });

  it("reads the environment variables live, and binds the token to the platform it was first used for", async () => {
    const { auth, env } = setUp();
    await auth.authHeaders();
    env.PLATFORM_URL = "http://127.0.0.1:8080";
    env.MOLECULE_ORG_ID = undefined;
    env.MOLECULE_ORGANIZATION_ID = "org-2";
    expect(await auth.authHeaders()).toStrictEqual({
      Origin: "http://127.0.0.1:8080",
      "X-Molecule-Org-Id": "org-2",
    });
  });

  it("returns a new object each time", async () => {
    const { auth } = setUp();
    const headers = await auth.authHeaders();
    headers.Authorization = "changed";
    expect(await auth.authHeaders()).toStrictEqual(single);
  });

  it("rejects with one clear error for an id, a URL or a tenant that cannot go into a header", async () => {
    const { auth, env } = setUp();
    await authError("WORKSPACE_ID_INVALID", () => auth.authHeaders("a\nX-Evil: 1"));
    const broken = {
      MOLECULE_ORGANIZATION_ID: "two words",
      MOLECULE_ORG_ID: "two words",
      PLATFORM_URL: "no",
    };
    env.MOLECULE_ORG_ID = "";
    for (const [name, value] of Object.entries(broken)) {
      env[name] = value;
      const code = name === "PLATFORM_URL" ? "PLATFORM_URL_INVALID" : "ORG_ID_INVALID";
      expect((await authError(code, () => auth.authHeaders())).message).toContain(`${name} `);
    }
  });

  it("ignores an invalid PLATFORM_URL or tenant for a workspace with its own platform", async () => {
    const { auth } = setUp(null, { PLATFORM_URL: "nowhere", MOLECULE_ORG_ID: "two words" });
    auth.registerWorkspaceToken("a", workspaceToken, { platformUrl: "https://own.example" });
    expect(await auth.authHeaders("a")).toMatchObject({ Origin: "https://own.example" });
  });

  it("never lends a workspace the single-workspace token because its own was rejected", async () => {
    const { auth } = setUp();
    auth.registerWorkspaceToken("a", workspaceToken);
    auth.rejectToken(workspaceToken);
    expect((await auth.authHeaders("a")).Authorization).toBe(`Bearer ${workspaceToken}`);
  });
});

describe("self_source_headers", () => {
  it("adds the trimmed id of the sending workspace", async () => {
    const { auth } = setUp();
    expect(await auth.selfSourceHeaders(" agent-7 ")).toStrictEqual({
      ...single,
      "X-Workspace-ID": "agent-7",
    });
  });

  it("has that workspace's token, however its id is padded", async () => {
    const { auth } = setUp();
    auth.registerWorkspaceToken("a", workspaceToken);
    expect(await auth.selfSourceHeaders(" a ")).toMatchObject({ Authorization: `Bearer ${workspaceToken}` });
  });

  it.each([[""], [" "], ["A"], ["a\nb"]])("rejects id %j", async (id) => {
    await authError("WORKSPACE_ID_INVALID", () => setUp().auth.selfSourceHeaders(id));
  });
});

describe("authHeadersNow", () => {
  it("has the headers if no source has to be read, else null", async () => {
    const auth = new WorkspaceAuth({ storage: testStorage(fileToken), env: { ...platform } });
    auth.registerWorkspaceToken("a", workspaceToken);
    expect(auth.authHeadersNow()).toBeNull();
    expect(auth.authHeadersNow("a")).toStrictEqual({ ...single, Authorization: `Bearer ${workspaceToken}` });
    await auth.getToken();
    expect(auth.authHeadersNow()).toStrictEqual(single);
  });
});

describe("platformOrigin", () => {
  it("is the workspace's, else PLATFORM_URL's, else null", () => {
    const { auth, env } = setUp();
    auth.registerWorkspaceToken("a", workspaceToken, { platformUrl: "https://own.example/x" });
    auth.registerWorkspaceToken("b", workspaceToken);
    expect(auth.platformOrigin("a")).toBe("https://own.example");
    for (const id of ["b", "c", undefined, null]) expect(auth.platformOrigin(id)).toBe("https://p.example");
    env.PLATFORM_URL = "";
    expect(auth.platformOrigin()).toBeNull();
    expect(auth.platformOrigin("a")).toBe("https://own.example");
  });

  it("throws for an invalid id or URL", async () => {
    const { auth } = setUp(null, { PLATFORM_URL: "nowhere" });
    await authError("WORKSPACE_ID_INVALID", () => auth.platformOrigin(".."));
    await authError("PLATFORM_URL_INVALID", () => auth.platformOrigin());
  });
});
