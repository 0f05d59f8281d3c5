import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { startServer } from "../test/support/server.ts";
import { testStorage } from "../test/support/storage.ts";
import { fileToken, workspaceToken } from "../test/support/tokens.ts";
import { createAuthFetch } from "./auth-fetch.ts";
import { createAuth } from "./create-auth.ts";

function setUp(platform: string | undefined, stored: string | null = fileToken) {
  const env: Record<string, string | undefined> = { PLATFORM_URL: platform };
  const auth = createAuth({ storage: testStorage(stored), env });
  return { env, auth, send: createAuthFetch(auth) };
}

describe("a request to the platform", () => {
  it.each(["string", "URL", "Request"])("is signed when it is given as a %s", async (kind) => {
    const server = await startServer();
    const { send } = setUp(`${server.origin}/base/`);
    const url = `${server.origin}/workspaces/a?x=1`;
    const input = { string: url, URL: new URL(url), Request: new Request(url) }[kind] ?? url;
    expect((await send(input)).status).toBe(200);
    expect(server.received).toMatchObject([{ method: "GET", path: "/workspaces/a?x=1" }]);
    expect(server.received[0]?.headers).toMatchObject({
      origin: server.origin,
      authorization: `Bearer ${fileToken}`,
    });
  });

  it("keeps the method, body and caller's headers, except for another signature", async () => {
    const server = await startServer();
    const { send } = setUp(server.origin);
    const headers = { "X-Own": "1", authorization: "Bearer other", origin: "https://evil.example" };
    await send(`${server.origin}/x`, { method: "PUT", body: "text", headers });
    expect(server.received).toMatchObject([{ method: "PUT", body: "text" }]);
    expect(server.received[0]?.headers).toMatchObject({
      "x-own": "1",
      authorization: `Bearer ${fileToken}`,
      origin: server.origin,
      "content-type": "text/plain;charset=UTF-8",
    });
  });

  it("keeps a Request's headers, unless init has headers", async () => {
    const server = await startServer();
    const { send } = setUp(server.origin);
    const request = () =>
      new Request(server.origin, { method: "POST", body: "b", headers: { "X-Own": "request" } });
    await send(request());
    await send(request(), { headers: { "X-Init": "init" } });
    const [first, second] = server.received.map(({ headers }) => [headers["x-own"], headers["x-init"]]);
    expect(first).toStrictEqual(["request", undefined]);
    expect(second).toStrictEqual([undefined, "init"]);
    for (const { body, headers } of server.received) {
      expect([body, headers.authorization]).toStrictEqual(["b", `Bearer ${fileToken}`]);
    }
  });

  it("is sent as it was at the call, even if the caller changes it afterwards", async () => {
    const [server, elsewhere] = [await startServer(), await startServer()];
    const { send } = setUp(server.origin);
    const url = new URL("/one", server.origin);
    const init = { method: "POST", headers: new Headers({ "X-Own": "one" }) };
    const sent = send(url, init);
    url.href = `${elsewhere.origin}/two`;
    init.method = "DELETE";
    init.headers.set("X-Own", "two");
    await sent;
    expect(server.received).toMatchObject([{ method: "POST", path: "/one", headers: { "x-own": "one" } }]);
    expect(elsewhere.received).toStrictEqual([]);
  });

  it("is sent without a token when there is none", async () => {
    const server = await startServer();
    await setUp(server.origin, null).send(server.origin);
    expect(server.received[0]?.headers).not.toHaveProperty("authorization");
    expect(server.received[0]?.headers).toMatchObject({ origin: server.origin });
  });

  it("is sent with the given fetch", async () => {
    const sent: string[] = [];
    const auth = setUp("https://p.example").auth;
    const send = createAuthFetch(auth, {
      async fetch(input, init) {
        sent.push(`${init?.method} ${input} ${new Headers(init?.headers).get("authorization")}`);
        return new Response("answer");
      },
    });
    const response = await send("https://p.example/x", { method: "PUT" });
    expect(await response.text()).toBe("answer");
    expect(sent).toStrictEqual([`PUT https://p.example/x Bearer ${fileToken}`]);
  });
});

describe("any other request", () => {
  it("goes out unsigned and untouched", async () => {
    const [platform, other] = [await startServer(), await startServer()];
    const { send } = setUp(platform.origin);
    await send(other.origin, { method: "POST", body: "b", headers: { authorization: "Bearer own" } });
    await send(new Request(`${other.origin}/r`));
    const [first, second] = other.received.map(({ headers }) => headers);
    expect(first).toMatchObject({ authorization: "Bearer own" });
    expect(second).not.toHaveProperty("authorization");
    for (const headers of [first, second]) expect(headers).not.toHaveProperty("origin");
  });

  it("counts as another origin on another port, scheme or host, and behind a user name", async () => {
    const sent: unknown[][] = [];
    const send = createAuthFetch(setUp("https://p.example").auth, {
      async fetch(...passed) {
        sent.push(passed);
        return new Response();
      },
    });
    const urls = [
      "https://p.example:444/",
      "http://p.example/",
      "https://p.example.evil.example/",
      "https://p.example@evil.example/",
      "data:text/plain,hello",
    ];
    for (const url of urls) await send(url);
    expect(sent).toStrictEqual(urls.map((url) => [url, undefined]));
  });

  it("includes a blob URL, although its origin is the platform's", async () => {
    const sent: unknown[] = [];
    const send = createAuthFetch(setUp("https://p.example").auth, {
      async fetch(_, init) {
        sent.push(init);
        return new Response();
      },
    });
    await send("blob:https://p.example/uuid");
    expect(sent).toStrictEqual([undefined]);
  });
});

describe("which token signs", () => {
  it("is the workspace's, on its own platform", async () => {
    const [single, own] = [await startServer(), await startServer()];
    const { auth } = setUp(single.origin);
    auth.registerWorkspaceToken("a", workspaceToken, { platformUrl: own.origin });
    const send = createAuthFetch(auth, { workspaceId: " a " });
    await send(own.origin);
    await send(single.origin);
    expect(own.received[0]?.headers).toMatchObject({
      authorization: `Bearer ${workspaceToken}`,
      origin: own.origin,
    });
    expect(own.received[0]?.headers).not.toHaveProperty("x-workspace-id");
    expect(single.received[0]?.headers).not.toHaveProperty("authorization");
  });

  it("is sent with the sender's id when source is set", async () => {
    const server = await startServer();
    const { auth } = setUp(server.origin);
    await createAuthFetch(auth, { workspaceId: "a", source: true })(server.origin);
    expect(server.received[0]?.headers).toMatchObject({
      "x-workspace-id": "a",
      authorization: `Bearer ${fileToken}`,
    });
  });

  it("cannot be determined for an invalid id, or for a source without an id", async () => {
    const { auth } = setUp("https://p.example");
    await authError("WORKSPACE_ID_INVALID", () => createAuthFetch(auth, { workspaceId: "A" }));
    const error = await authError("WORKSPACE_ID_INVALID", () => createAuthFetch(auth, { source: true }));
    expect(error.message).toBe("`source` requires `workspaceId`, the sending workspace.");
  });

  it("cannot be determined without a platform, and nothing is sent", async () => {
    const server = await startServer();
    const { send, env } = setUp(undefined);
    const error = await authError("PLATFORM_UNKNOWN", () => send(server.origin));
    expect(error.message).toContain("set PLATFORM_URL");
    env.PLATFORM_URL = "nowhere";
    await authError("PLATFORM_URL_INVALID", () => send(server.origin));
    expect(server.received).toStrictEqual([]);
  });
});
