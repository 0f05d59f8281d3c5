import { createServer } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  createCircuitBreaker,
  createPlatformClients,
  type JsonObject,
  type PlatformClient,
} from "../src/index.ts";
import { ID, OTHER_ID, TOKEN, workspaceAt } from "./support/client.ts";
import { manualClock } from "./support/clock.ts";
import { type Answer, startServer } from "./support/server.ts";

/** An origin where nothing listens. */
async function freeOrigin(): Promise<string> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

describe("a request", () => {
  it("without a response is a result, and says whether it may have been sent", async () => {
    const { client } = workspaceAt(await freeOrigin());
    expect(await client.heartbeat()).toEqual({
      ok: false,
      failure: {
        kind: "unavailable",
        code: "ECONNREFUSED",
        status: 0,
        message: "no answer (ECONNREFUSED)",
        retryAfterMs: 0,
        sent: "no",
      },
    });
    const { origin } = await startServer((_, response) => {
      response.socket?.destroy();
      return null;
    });
    expect(await workspaceAt(origin).client.heartbeat()).toMatchObject({
      failure: { kind: "unavailable", code: expect.stringMatching(/^[A-Z_]+$/), sent: "maybe" },
    });
  });

  it("that takes too long times out, even after the response began", async () => {
    for (const begun of [false, true]) {
      const { origin } = await startServer((_, response) => {
        if (begun) response.writeHead(200).write('{"status":');
        return null;
      });
      const { client } = workspaceAt(origin, { timeoutMs: 50 });
      expect(await client.heartbeat()).toMatchObject({
        failure: { kind: "unavailable", code: "TIMEOUT", sent: "maybe" },
      });
      expect(await workspaceAt(origin).client.state({ timeoutMs: 50 })).toMatchObject({
        failure: { code: "TIMEOUT" },
      });
    }
  });

  it("settles as soon as it is aborted; with an aborted signal it is not sent", async () => {
    const controller = new AbortController();
    const { origin, received } = await startServer(() => {
      controller.abort(new Error("shutting down"));
      return null;
    });
    const { client } = workspaceAt(origin);
    const { signal } = controller;
    expect(await client.heartbeat({}, { signal })).toMatchObject({
      failure: { kind: "aborted", sent: "maybe" },
    });
    expect(await client.heartbeat({}, { signal })).toMatchObject({
      failure: { kind: "aborted", sent: "no" },
    });
    expect(received).toHaveLength(1);
  });

  it("does not read a response beyond 1 MiB", async () => {
    let sent = 0;
    const { origin } = await startServer((_, response) => {
      const chunk = Buffer.alloc(64 * 1024, " ");
      const write = (): void => {
        sent += chunk.length;
        if (sent > 64 * 1024 * 1024) return void response.end();
        if (response.write(chunk)) setImmediate(write);
        else response.once("drain", write);
      };
      write();
      return null;
    });
    expect(await workspaceAt(origin).client.state()).toMatchObject({
      failure: { code: "RESPONSE_TOO_LONG" },
    });
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  it.each(["code", "received"])(
    "whose error's %s cannot be read is a result, and frees its place in the circuit breaker",
    async (name) => {
      const clock = manualClock();
      let isDown = true;
      const unreadable = Object.defineProperty(new Error("down"), name, {
        get() {
          throw new Error("unreadable");
        },
      });
      const fetch = async () => (isDown ? Promise.reject(unreadable) : new Response("{}"));
      const { client } = workspaceAt("https://p.example", { fetch, clock });
      for (let count = 0; count < 3; count += 1) {
        expect(await client.heartbeat()).toMatchObject({ failure: { code: "NETWORK_ERROR" } });
      }
      clock.advance(60_000);
      expect(await client.heartbeat()).toMatchObject({ failure: { code: "NETWORK_ERROR" } });
      isDown = false;
      clock.advance(60_000);
      expect(await client.heartbeat()).toMatchObject({ ok: true });
    },
  );

  it("whose headers cannot be created is a result with the AuthError's code", async () => {
    const { origin, received } = await startServer(() => [200, {}]);
    const { client } = workspaceAt(origin, { env: { MOLECULE_ORG_ID: "a b" } });
    expect(await client.heartbeat()).toMatchObject({
      ok: false,
      failure: { kind: "invalid", code: "ORG_ID_INVALID", sent: "no" },
    });
    expect(received).toEqual([]);
  });

  it.each<[string, (client: PlatformClient, card: JsonObject) => Promise<unknown>]>([
    ["heartbeat", (client, card) => client.heartbeat({ runtimeMetadata: card })],
    ["register", (client, agentCard) => client.register({ agentCard })],
    ["updateCard", (client, card) => client.updateCard(card)],
    ["notify", (client, card) => client.notify({ message: card as never })],
    ["sendMessage", (client, card) => client.sendMessage({ to: OTHER_ID, parts: [card] })],
  ])("rejects, and does not throw, if %s is given what JSON cannot represent", async (_, request) => {
    const { client } = workspaceAt("https://p.example");
    const card: Record<string, unknown> = { name: "circular" };
    card.self = card;
    let answer: Promise<unknown> | undefined;
    expect(() => {
      answer = request(client, card);
    }).not.toThrow();
    await expect(answer).rejects.toThrow(TypeError);
  });

  it("never rejects because of a listener", async () => {
    const { origin } = await startServer(({ token }) => (token === TOKEN ? [401, {}] : [200, {}]));
    const onTokenRecovered = vi.fn(() => {
      throw new Error("a bug");
    });
    const env = { MOLECULE_WORKSPACE_TOKEN: "another-token-another-token" };
    expect(await workspaceAt(origin, { env, onTokenRecovered }).client.heartbeat()).toMatchObject({
      ok: true,
    });
    expect(onTokenRecovered).toHaveBeenCalledOnce();
  });

  it("does not end the process because of an async listener's rejection", async () => {
    const unhandled: unknown[] = [];
    const hear = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", hear);
    onTestFinished(() => void process.off("unhandledRejection", hear));
    const { origin } = await startServer(({ token }) => [
      token === TOKEN ? 401 : 200,
      {},
      { "x-ratelimit-limit": "5" },
    ]);
    const { client } = workspaceAt(origin, {
      env: { MOLECULE_WORKSPACE_TOKEN: "another-token-another-token" },
      onTokenRecovered: () => Promise.reject(new Error("a bug")),
      onRateLimit: () => Promise.reject(new Error("a bug")),
    });
    expect(await client.sendMessage({ to: OTHER_ID, text: "hi" })).toMatchObject({ ok: true });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(unhandled).toEqual([]);
  });
});

describe("the circuit breaker", () => {
  async function fleet(answer: (path: string) => Answer) {
    const clock = manualClock();
    const server = await startServer(({ path }) => answer(path));
    const breaker = createCircuitBreaker({ clock });
    const clientOf = createPlatformClients({ platformUrl: server.origin, clock, breaker });
    const { auth } = workspaceAt(server.origin);
    return {
      clock,
      server,
      auth,
      a: clientOf({ auth, workspaceId: ID }),
      b: clientOf({ auth, workspaceId: OTHER_ID }),
    };
  }

  it("is shared by a platform's workspaces: after three failures, none of them sends", async () => {
    const { clock, server, a, b } = await fleet(() => [503, { error: "down" }]);
    for (const client of [a, b, a]) {
      expect(await client.heartbeat()).toMatchObject({ failure: { code: "SERVER_ERROR" } });
      clock.advance(1);
    }
    expect(await b.heartbeat()).toEqual({
      ok: false,
      failure: {
        kind: "circuit_open",
        code: "CIRCUIT_OPEN",
        status: 0,
        message: "nothing was sent: the platform is down, or asked for a pause",
        retryAfterMs: 4_999,
        sent: "no",
      },
    });
    expect(await b.register({ agentCard: {} })).toMatchObject({ failure: { kind: "circuit_open" } });
    expect(server.received).toHaveLength(3);
  });

  it("applies a Retry-After of jobs to jobs only, and one of heartbeats to all requests", async () => {
    let limited = "/workspaces/";
    const { clock, server, a } = await fleet((path) =>
      path.startsWith(limited) ? [429, {}, { "retry-after": "300" }] : [200, { status: "online" }],
    );
    expect(await a.delegations()).toMatchObject({ failure: { code: "RATE_LIMITED", retryAfterMs: 300_000 } });
    clock.advance(1_000);
    for (let n = 0; n < 5; n += 1) {
      expect(await a.state()).toMatchObject({ failure: { kind: "circuit_open" } });
      expect(await a.heartbeat()).toMatchObject({ ok: true });
      clock.advance(5_000);
    }
    expect(server.paths().filter((path) => path.includes("/workspaces/"))).toHaveLength(1);
    clock.advance(300_000);
    limited = "/registry/";
    expect(await a.state()).toMatchObject({ ok: true });
    expect(await a.heartbeat()).toMatchObject({ failure: { code: "RATE_LIMITED" } });
    expect(await a.state()).toMatchObject({ failure: { kind: "circuit_open", retryAfterMs: 300_000 } });
  });

  it("blocks one workspace for the platform's limit on a bearer; all of them for one on a tenant", async () => {
    const limits = { "x-ratelimit-limit": "600", "retry-after": "30" };
    const { auth, env } = workspaceAt("http://127.0.0.1:1");
    const { a, b, server } = await fleet(() => [
      429,
      { error: "rate limit exceeded", retry_after: 30 },
      limits,
    ]);
    env.PLATFORM_URL = server.origin;
    expect(await a.heartbeat()).toMatchObject({ failure: { code: "RATE_LIMITED" } });
    expect(await a.heartbeat()).toMatchObject({ failure: { kind: "circuit_open", retryAfterMs: 30_000 } });
    expect(await b.heartbeat()).toMatchObject({ failure: { code: "RATE_LIMITED" } });

    env.MOLECULE_ORG_ID = "org-1";
    const clientOf = createPlatformClients({ platformUrl: server.origin, clock: manualClock() });
    await clientOf({ auth, workspaceId: ID }).heartbeat();
    expect(await clientOf({ auth, workspaceId: OTHER_ID }).heartbeat()).toMatchObject({
      failure: { kind: "circuit_open" },
    });
  });

  it("is not opened by a cursor or an id that is not a UUID, and counts a registration's lookup once", async () => {
    const { clock, server, a } = await fleet((path) =>
      path.includes("/activity") ? [500, { error: "cursor lookup failed" }] : [503, {}],
    );
    for (let poll = 0; poll < 5; poll += 1) {
      expect(await a.activity({ sinceId: "not-a-uuid" })).toMatchObject({
        failure: { kind: "invalid", code: "CURSOR_NOT_FOUND", sent: "no" },
      });
      clock.advance(1);
    }
    expect(await a.activity({ sinceId: ID })).toMatchObject({ failure: { kind: "unavailable" } });
    const { client } = workspaceAt(server.origin, { token: null, clock });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await client.checkAndRegister({ agentCard: {} })).toMatchObject({
        failure: { code: "SERVER_ERROR" },
      });
      clock.advance(1);
    }
    expect(await client.heartbeat()).toMatchObject({ failure: { code: "SERVER_ERROR" } });
  });

  it("is not opened by a receiver's responses to messages", async () => {
    const { clock, a } = await fleet((path) => (path.endsWith("/a2a") ? [503, { waking: true }] : [200, {}]));
    for (let message = 0; message < 5; message += 1) {
      expect(await a.sendMessage({ to: OTHER_ID, text: "hi" })).toMatchObject({
        failure: { code: "RECEIVER_WAKING" },
      });
      clock.advance(1);
    }
    expect(await a.heartbeat()).toMatchObject({ ok: true });
  });
});
