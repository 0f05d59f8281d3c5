import { Agent, request as requestHttp, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Transport } from "../src/index.ts";
import { workspaceAt } from "./support/client.ts";
import { manualClock } from "./support/clock.ts";
import { type Answer, startServer } from "./support/server.ts";

/** A server that closes a connection on its second request, as if its idle timeout had just expired. */
function closingServer(answer: Answer = [200, {}]) {
  const used = new WeakSet<Socket>();
  return startServer((_, response: ServerResponse) => {
    const { socket } = response;
    if (socket === null) return null;
    if (used.has(socket)) {
      socket.destroy();
      return null;
    }
    used.add(socket);
    return answer;
  });
}

/** Uses one connection for as long as the server keeps it open. */
function oneConnection(): Transport {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return {
    request: ({ method, url, headers, body }) =>
      new Promise((resolve, reject) => {
        const request = requestHttp(url, { method, headers, agent }, async (response) => {
          const status = response.statusCode ?? 0;
          resolve({ status, headers: { get: () => null }, text: await text(response) });
        });
        request.on("error", reject).end(body ?? undefined);
      }),
  };
}

describe("over a kept-alive connection that the platform has closed", () => {
  it("heartbeats and reads are retried immediately", async () => {
    const { origin, paths } = await closingServer([200, { status: "online" }]);
    const { client } = workspaceAt(origin, { transport: oneConnection() });
    for (let count = 0; count < 4; count += 1) expect(await client.heartbeat()).toMatchObject({ ok: true });
    expect(paths().length).toBeGreaterThan(4);
    const before = paths().length;
    for (let count = 0; count < 4; count += 1) expect(await client.state()).toMatchObject({ ok: true });
    expect(paths().length).toBeGreaterThan(before + 3);
  });

  it("requests that may create a token or a second message are not", async () => {
    const { origin, paths } = await closingServer();
    const { client } = workspaceAt(origin, { transport: oneConnection() });
    const requests = {
      "/registry/register": () => client.register({ agentCard: {} }),
      "/external/rotate": () => client.rotate(),
      "/notify": () => client.notify({ message: "hello" }),
    };
    for (const [path, request] of Object.entries(requests)) {
      await client.health();
      expect(await request()).toMatchObject({ failure: { kind: "unavailable", sent: "maybe" } });
      expect(paths().filter((each) => each.endsWith(path))).toHaveLength(1);
    }
  });
});

describe("a platform that closes every connection", () => {
  it("gets two requests, within the time for one, and only while it responds", async () => {
    const clock = manualClock();
    let tookMs = 4_000;
    const { origin, received } = await startServer(({ path }, response) => {
      if (path === "/health") return [200, {}];
      clock.advance(tookMs);
      response.socket?.destroy();
      return null;
    });
    const { client } = workspaceAt(origin, { clock, timeoutMs: 10_000 });
    const requestsOf = async (send: () => Promise<unknown>) => {
      const before = received.length;
      await send();
      return received.length - before;
    };
    expect(await requestsOf(() => client.heartbeat())).toBe(1);
    await client.health();
    expect(await requestsOf(() => client.heartbeat())).toBe(2);
    expect(await requestsOf(() => client.heartbeat())).toBe(1);
    clock.advance(60_000);
    await client.health();
    tookMs = 10_000;
    expect(await requestsOf(() => client.heartbeat())).toBe(1);
  });

  it("gets no second request once the caller aborted", async () => {
    const controller = new AbortController();
    const { origin, received } = await startServer(({ path }, response) => {
      if (path === "/health") return [200, {}];
      controller.abort();
      response.socket?.destroy();
      return null;
    });
    const { client } = workspaceAt(origin);
    await client.health();
    await client.heartbeat({}, { signal: controller.signal });
    expect(received).toHaveLength(2);
  });
});
