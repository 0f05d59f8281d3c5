import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { lettingIn, startServer } from "../test/support/server.ts";
import { testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, rotatedToken, workspaceToken } from "../test/support/tokens.ts";
import { createAuthFetch } from "./auth-fetch.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";

/** A platform that accepts only these tokens, and an auth that starts with the stored one. */
async function setUp(accepted: string[], stored: string | null = fileToken, fromEnv?: string) {
  const valid = new Set(accepted);
  const server = await startServer(lettingIn(valid));
  const storage = testStorage(stored);
  const events: AuthEvent[] = [];
  const env: Record<string, string | undefined> = { PLATFORM_URL: server.origin };
  if (fromEnv !== undefined) env.MOLECULE_WORKSPACE_TOKEN = fromEnv;
  const auth = createAuth({ storage, env, onEvent: (event) => events.push(event) });
  const sent = () => server.received.map(({ headers }) => headers.authorization?.slice("Bearer ".length));
  return { server, valid, storage, events, env, auth, sent, send: createAuthFetch(auth) };
}

const stream = () => new Blob(["streamed"]).stream();
const streamed = { method: "POST", body: stream(), duplex: "half" } as const;

describe("a 401", () => {
  it("incident 6: is retried with the token that is stored now", async () => {
    const { send, server, storage, auth, sent } = await setUp([rotatedToken]);
    await auth.getToken();
    storage.stored = rotatedToken;
    const response = await send(`${server.origin}/x`, {
      method: "POST",
      body: "heartbeat",
      headers: { "X-Own": "1" },
    });
    expect([response.status, await response.text()]).toStrictEqual([200, '{"status":"ok"}']);
    expect(sent()).toStrictEqual([fileToken, rotatedToken]);
    for (const { method, path, body, headers } of server.received) {
      expect([method, path, body, headers["x-own"]]).toStrictEqual(["POST", "/x", "heartbeat", "1"]);
    }
    expect(await auth.getToken()).toBe(rotatedToken);
  });

  it("is discarded before the retry, which frees its connection", async () => {
    const { auth, server } = await setUp([envToken], fileToken, envToken);
    const responses: Response[] = [];
    const send = createAuthFetch(auth, {
      async fetch(input, init) {
        const response = await fetch(input, init);
        responses.push(response);
        return response;
      },
    });
    await send(server.origin);
    expect(responses.map(({ status, bodyUsed }) => [status, bodyUsed])).toStrictEqual([
      [401, true],
      [200, false],
    ]);
  });

  it("is discarded, too, if its body is a Node stream, as node-fetch's is", async () => {
    const { auth, server } = await setUp([envToken], fileToken, envToken);
    const send = createAuthFetch(auth, {
      async fetch(input, init) {
        const response = await fetch(input, init);
        const body = Readable.from([await response.text()]);
        return Object.defineProperty(response, "body", { value: body });
      },
    });
    expect((await send(server.origin)).status).toBe(200);
  });

  it("incident 7: is recovered from over real HTTP, and neither thrown nor treated as a success", async () => {
    const { send, server, events } = await setUp([envToken], fileToken, envToken);
    expect((await send(server.origin)).status).toBe(200);
    expect(events.map(({ type }) => type)).toStrictEqual(["sources-disagree", "token-rejected"]);
  });

  it("is returned with its body when there is no other token", async () => {
    const { send, server, sent } = await setUp([]);
    const response = await send(server.origin);
    expect([response.status, await response.text()]).toStrictEqual([
      401,
      '{"error":"invalid workspace auth token"}',
    ]);
    expect(sent()).toStrictEqual([fileToken]);
  });

  it("is returned when the other token is rejected, too: one retry, never a loop", async () => {
    const { send, server, sent } = await setUp([], fileToken, envToken);
    expect((await send(server.origin)).status).toBe(401);
    expect(sent()).toStrictEqual([fileToken, envToken]);
  });

  it("of a registered workspace is retried with its own new token, never with the single-workspace one", async () => {
    const { auth, server, valid, sent } = await setUp([fileToken, rotatedToken]);
    auth.registerWorkspaceToken("a", workspaceToken);
    const send = createAuthFetch(auth, { workspaceId: "a" });
    expect((await send(server.origin)).status).toBe(401);
    expect(sent()).toStrictEqual([workspaceToken]);
    auth.registerWorkspaceToken("a", rotatedToken);
    expect((await send(server.origin)).status).toBe(200);
    valid.clear();
    expect((await send(server.origin)).status).toBe(401);
    expect(sent()).toStrictEqual([workspaceToken, rotatedToken, rotatedToken]);
  });

  it("is the only status after which a token counts as rejected", async () => {
    const { auth, events } = await setUp([], fileToken, envToken);
    for (const status of [200, 403, 500]) {
      const send = createAuthFetch(auth, { fetch: async () => new Response("answer", { status }) });
      expect((await send("/x")).status).toBe(status);
    }
    expect(events.map(({ type }) => type)).toStrictEqual(["sources-disagree"]);
  });

  it("is retried even when its body breaks off", async () => {
    const { auth, env, storage } = await setUp([]);
    const server = await startServer(async (_, response, count) => {
      if (count > 1) return;
      storage.stored = rotatedToken;
      response.writeHead(401, { "Content-Length": 1_000 });
      await new Promise((flushed) => response.write("half of it", flushed));
      response.destroy();
    });
    env.PLATFORM_URL = server.origin;
    const send = createAuthFetch(auth, {
      async fetch(input, init) {
        const response = await fetch(input, init);
        // Reads until the body breaks off, which the response has then seen as well.
        if (response.status === 401) await expect(response.clone().text()).rejects.toThrow(TypeError);
        return response;
      },
    });
    expect((await send(server.origin)).status).toBe(200);
  });
});

describe("a body", () => {
  it.each([
    ["a string", () => "text", "text"],
    ["bytes", () => new TextEncoder().encode("text"), "text"],
    ["a form", () => new URLSearchParams({ a: "1" }), "a=1"],
    ["a blob", () => new Blob(["text"]), "text"],
  ])("that is %s is sent again", async (_, body, text) => {
    const { send, server, sent } = await setUp([envToken], fileToken, envToken);
    expect((await send(server.origin, { method: "POST", body: body() })).status).toBe(200);
    expect(server.received.map((request) => request.body)).toStrictEqual([text, text]);
    expect(sent()).toStrictEqual([fileToken, envToken]);
  });

  it.each([
    ["text", { method: "POST", body: "streamed" }],
    ["a stream", streamed],
  ])("of a Request made of %s is sent again", async (_, init) => {
    const { send, server } = await setUp([envToken], fileToken, envToken);
    expect((await send(new Request(server.origin, init))).status).toBe(200);
    expect(server.received.map(({ body }) => body)).toStrictEqual(["streamed", "streamed"]);
  });

  it("in init replaces a Request's", async () => {
    const { send, server } = await setUp([envToken], fileToken, envToken);
    const request = new Request(server.origin, { method: "POST", body: "request" });
    expect((await send(request, { body: "init" })).status).toBe(200);
    expect(server.received.map(({ body }) => body)).toStrictEqual(["init", "init"]);
  });

  it.each([
    ["a stream", () => stream()],
    [
      "an async iterable",
      () =>
        (async function* () {
          yield new TextEncoder().encode("streamed");
        })(),
    ],
  ])("that is %s is not sent again, but the next request uses the other token", async (_, body) => {
    const { server, auth, sent } = await setUp([envToken], fileToken, envToken);
    // Node's fetch accepts an iterable; its types do not.
    const send: (url: string, init: object) => Promise<Response> = createAuthFetch(auth);
    expect((await send(server.origin, { ...streamed, body: body() })).status).toBe(401);
    expect((await send(server.origin, { ...streamed, body: body() })).status).toBe(200);
    expect(server.received.map(({ body: text }) => text)).toStrictEqual(["streamed", "streamed"]);
    expect(sent()).toStrictEqual([fileToken, envToken]);
  });
});
