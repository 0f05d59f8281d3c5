import { describe, expect, it } from "vitest";
import { testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, rotatedToken, workspaceToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";

const A = "https://a.example";
const B = "https://b.example";

function setUp(stored: string | null = fileToken, more: Record<string, string | undefined> = {}) {
  const storage = testStorage(stored);
  const events: AuthEvent[] = [];
  const env: Record<string, string | undefined> = { PLATFORM_URL: A, ...more };
  const auth = createAuth({ storage, env, onEvent: (event) => events.push(event) });
  return { storage, env, auth, types: () => events.map(({ type }) => type) };
}

const bearer = (token: string) => ({ Origin: A, Authorization: `Bearer ${token}` });

describe("recover", () => {
  it("returns the headers of a token that came into use since, and rejects nothing", async () => {
    const { auth, types } = setUp();
    const rejected = await auth.authHeaders();
    await auth.saveToken(rotatedToken);
    expect(await auth.recover(rejected)).toStrictEqual(bearer(rotatedToken));
    expect(types()).toStrictEqual(["token-saved"]);
  });

  it("rejects the token, reads the sources again, and returns the new headers", async () => {
    const { auth, storage, types } = setUp();
    const rejected = await auth.authHeaders();
    storage.stored = rotatedToken;
    expect(await auth.recover(rejected)).toStrictEqual(bearer(rotatedToken));
    expect(types()).toStrictEqual(["token-rejected"]);
  });

  it("returns null when there is no other token", async () => {
    const { auth, storage } = setUp();
    const rejected = await auth.authHeaders();
    expect(await auth.recover(rejected)).toBeNull();
    storage.stored = null;
    expect(await auth.recover(rejected)).toBeNull();
  });

  it("reads once for all requests rejected with one token", async () => {
    const { auth, storage, types } = setUp(fileToken, { MOLECULE_WORKSPACE_TOKEN: envToken });
    const rejected = await auth.authHeaders();
    const reads = storage.reads;
    const fresh = await Promise.all(Array.from({ length: 20 }, () => auth.recover(rejected)));
    expect(new Set(fresh.map((headers) => headers?.Authorization))).toStrictEqual(
      new Set([`Bearer ${envToken}`]),
    );
    expect(storage.reads - reads).toBe(1);
    expect(types().filter((type) => type === "token-rejected")).toHaveLength(1);
  });

  it("finds a token that has appeared since an unsigned request", async () => {
    const { auth, storage, types } = setUp(null);
    const rejected = await auth.authHeaders();
    expect(await auth.recover(rejected)).toBeNull();
    storage.stored = fileToken;
    expect(await auth.recover(rejected)).toStrictEqual(bearer(fileToken));
    expect(types()).toStrictEqual([]);
  });

  it("rejects nothing after a 401 from another origin", async () => {
    const { auth, types } = setUp();
    expect(await auth.recover({ ...(await auth.authHeaders()), Origin: B })).toBeNull();
    expect(types()).toStrictEqual([]);
  });

  it("returns null when the platform has changed, also during the refresh", async () => {
    const { auth, env, storage } = setUp();
    const rejected = await auth.authHeaders();
    const read = storage.read.bind(storage);
    storage.read = async () => {
      env.PLATFORM_URL = B;
      storage.stored = rotatedToken;
      return read();
    };
    expect(await auth.recover(rejected)).toBeNull();
    expect(await auth.recover(rejected)).toBeNull();
    expect((await auth.explain()).sources.some(({ state }) => state === "rejected")).toBe(false);
  });

  it("keeps X-Workspace-ID, and recovers for that workspace", async () => {
    const { auth } = setUp(fileToken, { MOLECULE_WORKSPACE_TOKEN: envToken });
    const rejected = await auth.selfSourceHeaders("a");
    expect(await auth.recover(rejected)).toStrictEqual({ ...bearer(envToken), "X-Workspace-ID": "a" });
    auth.registerWorkspaceToken("a", workspaceToken);
    expect(await auth.recover(rejected)).toMatchObject({ Authorization: `Bearer ${workspaceToken}` });
  });

  it("finds the platform by the token when the headers have lost their Origin, as in a browser", async () => {
    const { auth, env, storage } = setUp();
    const { Authorization } = (await auth.authHeaders()) as { Authorization: string };
    storage.stored = rotatedToken;
    expect(await auth.recover({ Authorization })).toStrictEqual(bearer(rotatedToken));
    env.PLATFORM_URL = B;
    expect(await auth.recover({ Authorization })).toBeNull();
    expect(await auth.recover({ Authorization: "Bearer of-no-known-platform" })).toBeNull();
  });

  it("of a registered workspace uses that workspace's new token, never the single-workspace one", async () => {
    const { auth } = setUp();
    auth.registerWorkspaceToken("a", workspaceToken);
    const rejected = await auth.authHeaders("a");
    expect(await auth.recover(rejected, { workspaceId: "a" })).toBeNull();
    auth.registerWorkspaceToken("a", rotatedToken);
    expect(await auth.recover(rejected, { workspaceId: "a" })).toStrictEqual(bearer(rotatedToken));
  });
});
