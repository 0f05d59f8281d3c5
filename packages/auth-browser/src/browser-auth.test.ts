import { createAuthFetch, memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { newToken, rotatedToken } from "../test/tokens.ts";
import { createBrowserAuth } from "./browser-auth.ts";
import { webTokenStorage } from "./web-storage.ts";

const platformUrl = "https://platform.example/base";

describe("createBrowserAuth", () => {
  it("signs without Origin, which the browser sets", async () => {
    const auth = createBrowserAuth({ storage: memoryTokenStorage(newToken), platformUrl });
    expect(await auth.authHeaders()).toEqual({ Authorization: `Bearer ${newToken}` });
    expect(await auth.selfSourceHeaders("agent-7")).toEqual({
      Authorization: `Bearer ${newToken}`,
      "X-Workspace-ID": "agent-7",
    });
  });

  it("omits Origin for a workspace with its own platform, too", async () => {
    const auth = createBrowserAuth({ storage: memoryTokenStorage() });
    auth.registerWorkspaceToken("agent-7", newToken, { platformUrl: "https://other.example" });
    expect(await auth.authHeaders("agent-7")).toEqual({ Authorization: `Bearer ${newToken}` });
    expect(auth.platformOrigin("agent-7")).toBe("https://other.example");
  });

  it("knows the platform from its option or its environment", () => {
    const storage = memoryTokenStorage();
    const origin = (options: object) => createBrowserAuth({ storage, ...options }).platformOrigin();
    expect(origin({})).toBeNull();
    expect(origin({ platformUrl })).toBe("https://platform.example");
    expect(origin({ env: { PLATFORM_URL: "https://env.example" } })).toBe("https://env.example");
    expect(origin({ platformUrl, env: Object.freeze({ PLATFORM_URL: "https://env.example" }) })).toBe(
      "https://platform.example",
    );
  });

  it("reads its environment live, also beside a platform URL", async () => {
    const env: Record<string, string> = {};
    const auth = createBrowserAuth({ storage: memoryTokenStorage(), platformUrl, env });
    env.MOLECULE_ORG_ID = "org-1";
    env.MOLECULE_WORKSPACE_TOKEN = rotatedToken;
    expect(await auth.authHeaders()).toEqual({
      Authorization: `Bearer ${rotatedToken}`,
      "X-Molecule-Org-Id": "org-1",
    });
  });

  it("requires a storage", () => {
    // @ts-expect-error: tests the missing option
    expect(() => createBrowserAuth({})).toThrow(TypeError);
  });

  it("keeps a token usable in memory when it cannot be stored", async () => {
    const events: string[] = [];
    const storage = webTokenStorage({
      storage: () => {
        throw new DOMException("Access is denied for this document.", "SecurityError");
      },
    });
    const auth = createBrowserAuth({ storage, onEvent: ({ type }) => void events.push(type) });
    await expect(auth.saveToken(newToken)).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED" });
    expect(await auth.authHeaders()).toEqual({ Authorization: `Bearer ${newToken}` });
    expect(events).toEqual(["save-failed"]);
  });

  it("recovers from a 401, although its headers have no Origin", async () => {
    const storage = memoryTokenStorage(newToken);
    const auth = createBrowserAuth({ storage, platformUrl });
    const rejected = await auth.selfSourceHeaders("agent-7");
    await storage.write(rotatedToken);
    const fresh = { Authorization: `Bearer ${rotatedToken}`, "X-Workspace-ID": "agent-7" };
    expect(await auth.recover({ ...rejected })).toEqual(fresh);
    expect(await auth.recover(rejected)).toEqual(fresh);
    expect(await auth.recover(fresh)).toBeNull();
  });

  it("returns no other platform's headers for a 401", async () => {
    const storage = memoryTokenStorage(newToken);
    const env = { PLATFORM_URL: platformUrl };
    const auth = createBrowserAuth({ storage, env });
    const rejected = await auth.authHeaders();
    env.PLATFORM_URL = "https://moved.example";
    await storage.write(rotatedToken);
    expect(await auth.recover(rejected)).toBeNull();
    expect(await auth.recover({ ...rejected })).toBeNull();
  });

  it("signs with createAuthFetch for its own platform only, also when that changes during the call", async () => {
    const sent: string[] = [];
    const env = { PLATFORM_URL: "https://a.example" };
    let moving = false;
    const storage: TokenStorage = {
      location: "moving",
      async read() {
        if (moving) env.PLATFORM_URL = "https://b.example";
        return moving ? rotatedToken : newToken;
      },
      write() {},
    };
    const auth = createBrowserAuth({ storage, env });
    const send = createAuthFetch(auth, {
      async fetch(input, init) {
        const headers = [...new Headers(init?.headers)].map(([name, value]) => `${name}=${value}`);
        sent.push(`${input} ${headers.join(" ")}`.trim());
        return new Response();
      },
    });
    await send("/x");
    moving = true;
    auth.clearCache();
    await send("https://a.example/y");
    expect(sent).toEqual([`https://a.example/x authorization=Bearer ${newToken}`, "https://a.example/y"]);
  });

  it("ignores options from a polluted prototype", () => {
    Object.defineProperty(Object.prototype, "platformUrl", {
      value: "https://evil.example",
      configurable: true,
    });
    onTestFinished(() => void Reflect.deleteProperty(Object.prototype, "platformUrl"));
    const env = { PLATFORM_URL: platformUrl };
    expect(createBrowserAuth({ storage: memoryTokenStorage(), env }).platformOrigin()).toBe(
      "https://platform.example",
    );
  });
});
