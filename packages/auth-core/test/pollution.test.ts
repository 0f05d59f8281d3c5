import { afterEach, describe, expect, it } from "vitest";
import { createAuth, createAuthFetch, memoryTokenStorage, parseWorkspaces, withAuth } from "../src/index.ts";
import { fileToken, newToken, workspaceToken } from "./support/tokens.ts";

const good = "https://good.example";
const evil = "https://evil.example";
const polluted: string[] = [];

function pollute(name: string, value: unknown): void {
  polluted.push(name);
  Object.defineProperty(Object.prototype, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: true,
  });
}

afterEach(() => {
  for (const name of polluted.splice(0)) Reflect.deleteProperty(Object.prototype, name);
});

describe("a property of a polluted Object.prototype", () => {
  it.each(["platformUrl", "PLATFORM_URL", "platformOrigin"])("as %s does not move a token", async (name) => {
    pollute(name, evil);
    const storage = memoryTokenStorage(fileToken);
    const auth = createAuth({ storage, env: { PLATFORM_URL: good } });
    auth.registerWorkspaceToken("w", workspaceToken, {});
    await auth.saveToken(newToken, {});
    expect(await auth.authHeaders()).toMatchObject({ Origin: good, Authorization: `Bearer ${newToken}` });
    expect(auth.platformOrigin("w")).toBe(good);
    expect(createAuth({ storage, env: {} }).platformOrigin()).toBeNull();
  });

  it.each([
    ["MOLECULE_WORKSPACE_TOKEN", "an-attackers-token-0123456789"],
    ["env", { PLATFORM_URL: evil, MOLECULE_WORKSPACE_TOKEN: "an-attackers-token-0123456789" }],
    ["fallback", [{ location: "evil", read: () => "an-attackers-token-0123456789" }]],
  ])("as %s is not a source", async (name, value) => {
    pollute(name, value);
    const auth = createAuth({ storage: memoryTokenStorage(), ...(name !== "env" && { env: {} }) });
    expect(await auth.getToken()).toBeNull();
    expect(auth.platformOrigin()).toBeNull();
  });

  it("as orgId or MOLECULE_ORG_ID is not a tenant", async () => {
    pollute("orgId", "evil");
    pollute("MOLECULE_ORG_ID", "evil");
    expect(await createAuth({ storage: memoryTokenStorage(), env: {} }).authHeaders()).toStrictEqual({});
  });

  it("as token, platform_url and platformUrl does not affect a list of workspaces", () => {
    pollute("token", "an-attackers-token-0123456789");
    pollute("platform_url", evil);
    pollute("platformUrl", evil);
    expect(Object.entries(parseWorkspaces('[{"id":"a"}]')[0] ?? {})).toStrictEqual([["id", "a"]]);
  });

  it("as fetch, workspaceId, source, signal or sentWith does not affect requests or saves", async () => {
    const sent: string[] = [];
    pollute("fetch", async () => expect.fail("the polluted fetch was called"));
    pollute("workspaceId", "w");
    pollute("source", true);
    pollute("sentWith", "something");
    const storage = memoryTokenStorage(fileToken);
    const auth = createAuth({ storage, env: { PLATFORM_URL: good } });
    auth.registerWorkspaceToken("w", workspaceToken);
    const keep = async (headers: object) => void sent.push(JSON.stringify(headers));
    await withAuth(auth, { url: good, send: keep });
    expect(sent).toStrictEqual([JSON.stringify({ Origin: good, Authorization: `Bearer ${fileToken}` })]);
    await auth.saveToken(newToken, {});
    expect(await storage.read()).toBe(newToken);
    const closed = "http://127.0.0.1:9";
    const other = createAuth({ storage, env: { PLATFORM_URL: closed } });
    await expect(createAuthFetch(other, {})(`${closed}/x`)).rejects.toThrow(/fetch failed|bad port/);
  });

  it("as method is not passed on as the caller's, and does not replace the caller's own", async () => {
    pollute("method", "DELETE");
    const sent: unknown[] = [];
    const auth = createAuth({ storage: memoryTokenStorage(fileToken), env: { PLATFORM_URL: good } });
    const send = createAuthFetch(auth, {
      async fetch(_, init) {
        sent.push(Object.entries(init ?? {}).find(([name]) => name === "method")?.[1]);
        return new Response();
      },
    });
    await send("/x", {});
    await send("/x", { method: "PUT" });
    expect(sent).toStrictEqual([undefined, "PUT"]);
  });
});
