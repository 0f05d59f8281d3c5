import { describe, expect, it } from "vitest";
import { lettingIn, startServer } from "../test/support/server.ts";
import { testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, issuedToken, rotatedToken, workspaceToken } from "../test/support/tokens.ts";
import { createAuthFetch } from "./auth-fetch.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";

/** A platform that accepts these tokens only, and an auth that begins with the stored one. */
async function setUp(accepted: string[], stored: string | null = fileToken, variable?: string) {
  const valid = new Set(accepted);
  const server = await startServer(lettingIn(valid));
  const storage = testStorage(stored);
  const events: AuthEvent[] = [];
  const env: Record<string, string | undefined> = { PLATFORM_URL: server.origin };
  if (variable !== undefined) env.MOLECULE_WORKSPACE_TOKEN = variable;
  const auth = createAuth({ storage, env, onEvent: (event) => events.push(event) });
  const sent = () => server.received.map(({ headers }) => headers.authorization?.slice("Bearer ".length));
  return { server, valid, storage, events, env, auth, sent, send: createAuthFetch(auth) };
}

const stream = () => new Blob(["streamed"]).stream();
const streamed = { method: "POST", body: stream(), duplex: "half" } as const;

describe("a 401", () => {
  it("incident 6: is got over with what is stored by now", async () => {
    const { send, server, storage, auth, sent } = await setUp([rotatedToken]);
    await auth.getToken();
    storage.stored = rotatedToken;
    const response = await send(`${server.origin}/x`, {
      method: "POST",
      body: "beat",
      headers: { "X-Own": "1" },
    });
    expect([response.status, await response.text()]).toStrictEqual([200, '{"status":"ok"}']);
    expect(sent()).toStrictEqual([fileToken, rotatedToken]);
    for (const { method, path, body, headers } of server.received) {
      expect([method, path, body, headers["x-own"]]).toStrictEqual(["POST", "/x", "beat", "1"]);
    }
    expect(await auth.getToken()).toBe(rotatedToken);
  });

  it("that nobody will read is let go of, so that its connection is free again", async () => {
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

  it("incident 7: is a real answer over HTTP that is recovered from, not a success and not a thrown error", async () => {
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

  it("is returned when every other token is refused, too: one more try, never a loop", async () => {
    const { send, server, sent } = await setUp([], fileToken, envToken);
    expect((await send(server.origin)).status).toBe(401);
    expect(sent()).toStrictEqual([fileToken, envToken]);
  });

  it("is got over with a token that came into use meanwhile, which is not rejected", async () => {
    const { valid, auth, events, env } = await setUp([issuedToken]);
    const server = await startServer(async (request, response) => {
      if (valid.has(request.headers.authorization?.slice(7) ?? "")) return;
      await auth.saveToken(issuedToken);
      response.statusCode = 401;
    });
    env.PLATFORM_URL = server.origin;
    expect((await createAuthFetch(auth)(server.origin)).status).toBe(200);
    expect(events.map(({ type }) => type)).toStrictEqual(["token-saved"]);
  });

  it("does not lead to an unsigned request when the only token is gone", async () => {
    const { send, server, auth, storage, sent } = await setUp([]);
    await auth.getToken();
    storage.stored = null;
    expect((await send(server.origin)).status).toBe(401);
    expect(sent()).toStrictEqual([fileToken]);
  });

  it("to an unsigned request is got over with a token that turned up", async () => {
    const { server, send, storage, sent, events } = await setUp([issuedToken], null);
    expect((await send(server.origin)).status).toBe(401);
    storage.readFailure = undefined;
    storage.stored = null;
    const read = storage.read.bind(storage);
    let reads = 0;
    storage.read = async () => {
      reads += 1;
      // Nothing for the signature, and something by the time of the 401.
      if (reads === 2) storage.stored = issuedToken;
      return read();
    };
    expect((await send(server.origin)).status).toBe(200);
    expect(sent()).toStrictEqual([undefined, undefined, issuedToken]);
    expect(events).toStrictEqual([]);
  });

  it("never sends another platform's token to the one that refused", async () => {
    const { auth, env, storage } = await setUp([]);
    const server = await startServer((_, response) => {
      env.PLATFORM_URL = "https://moved.example";
      storage.stored = rotatedToken;
      response.statusCode = 401;
    });
    env.PLATFORM_URL = server.origin;
    expect((await createAuthFetch(auth)(server.origin)).status).toBe(401);
    expect(server.received).toHaveLength(1);
  });

  it("of a registered workspace is got over once it has another token, never with the single-workspace one", async () => {
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

  it("is got over even when its body breaks off", async () => {
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
        // Read to its bitter end, which has come for the response as well, then.
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

  it("in init takes the place of a Request's", async () => {
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
  ])("that is %s is not sent again, but the next request goes out with the other token", async (_, body) => {
    const { server, auth, sent } = await setUp([envToken], fileToken, envToken);
    // Node's fetch takes an iterable, its types do not.
    const send: (url: string, init: object) => Promise<Response> = createAuthFetch(auth);
    expect((await send(server.origin, { ...streamed, body: body() })).status).toBe(401);
    expect((await send(server.origin, { ...streamed, body: body() })).status).toBe(200);
    expect(server.received.map(({ body: text }) => text)).toStrictEqual(["streamed", "streamed"]);
    expect(sent()).toStrictEqual([fileToken, envToken]);
  });
});

describe("many requests refused at once", () => {
  it("all get over it, and the token is rejected once", async () => {
    const { send, server, events, sent } = await setUp([envToken], fileToken, envToken);
    const responses = await Promise.all(Array.from({ length: 8 }, () => send(server.origin)));
    expect(responses.map(({ status }) => status)).toStrictEqual(Array(8).fill(200));
    expect(events.filter(({ type }) => type === "token-rejected")).toHaveLength(1);
    expect(sent().filter((token) => token === envToken)).toHaveLength(8);
  });
});
