import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Server } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { virtualClock } from "../../test/virtual-clock.ts";
import { createPlatformClient, type PlatformClient } from "./client.ts";
import { createPlainTransport } from "./plain-transport.ts";
import { createPooledTransport } from "./pool.ts";

const TIMEOUT = 10_000;
const TOKEN = "toke-s3cr3t-that-nobody-may-see";
const headers = { Authorization: `Bearer ${TOKEN}` };

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const TRANSPORTS = {
  pooled: async (url: string) => createPooledTransport(url, 1),
  plain: createPlainTransport,
};

describe.each(Object.entries(TRANSPORTS))("a client with a %s transport", (_name, transportTo) => {
  const clock = virtualClock();

  async function clientOf(url: string): Promise<PlatformClient> {
    const client = createPlatformClient(url, clock, await transportTo(url));
    onTestFinished(client.close);
    return client;
  }

  /** A client of a platform that answers like this. */
  async function facing(answer: RequestListener, base = ""): Promise<PlatformClient> {
    return clientOf((await listen(createServer(answer))) + base);
  }

  const get = (client: PlatformClient, more: { signal?: AbortSignal; path?: string } = {}) =>
    client.send({ method: "GET", path: "health", headers, timeoutMs: TIMEOUT, ...more });

  /** Resolves when a request of that client's has arrived. */
  function silence(): { answer: RequestListener; arrived: Promise<void>; closed: Promise<void> } {
    const seen = { arrived: () => {}, closed: () => {} };
    const arrived = new Promise<void>((resolve) => Object.assign(seen, { arrived: resolve }));
    const closed = new Promise<void>((resolve) => Object.assign(seen, { closed: resolve }));
    const answer: RequestListener = (request) => {
      request.socket.on("close", () => seen.closed());
      seen.arrived();
    };
    return { answer, arrived, closed };
  }

  it("sends below the base URL, and reads the answer's object", async () => {
    const client = await facing((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        const { method, url } = request;
        const { authorization, "content-type": type } = request.headers;
        response.end(JSON.stringify({ method, url, body, authorization, type }));
      });
    }, "/tenant");
    const post = { method: "POST", path: "registry/heartbeat", json: { a: 1 }, headers, timeoutMs: TIMEOUT };
    expect(await client.send({ ...post, method: "POST" })).toEqual({
      status: 200,
      empty: false,
      retryAfterMs: 0,
      body: {
        method: "POST",
        url: "/tenant/registry/heartbeat",
        body: '{"a":1}',
        authorization: headers.Authorization,
        type: "application/json",
      },
    });
  });

  it("tells an answer without a body, how long to wait, and where a redirect would lead", async () => {
    const client = await facing(({ url }, response) => {
      if (url === "/busy") response.writeHead(429, { "Retry-After": "7" });
      else if (url === "/later")
        response.writeHead(503, { "Retry-After": new Date(clock.wall() + 9_000).toUTCString() });
      else response.writeHead(302, { Location: "https://elsewhere.example/health" });
      response.end();
    });
    expect(await get(client, { path: "busy" })).toMatchObject({
      status: 429,
      empty: true,
      retryAfterMs: 7_000,
    });
    expect((await get(client, { path: "later" })).retryAfterMs).toBeGreaterThan(7_000);
    expect(await get(client)).toMatchObject({ status: 302, redirectedTo: "https://elsewhere.example" });
  });

  it("tells a page, and JSON that is no object, from an answer, and an empty one from both", async () => {
    const texts = ["<html>Log in</html>", "5", "", '{"a":1}', "[1]"];
    const replies = [];
    for (const text of texts) {
      const client = await facing((_request, response) => void response.end(text));
      replies.push(await get(client));
    }
    expect(replies.map(({ body, unusable, empty }) => [body, unusable, empty])).toEqual([
      [{}, "no JSON", false],
      [{}, "no JSON", false],
      [{}, undefined, true],
      [{ a: 1 }, undefined, false],
      [{ items: [1] }, undefined, false],
    ]);
  });

  it("reads no more than a MiB, and closes the connection that has more", async () => {
    let closed = () => {};
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const client = await facing((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024, " ");
      response.on("close", closed);
      const pour = () => {
        while (response.write(chunk));
      };
      response.on("drain", pour);
      pour();
    });
    expect(await get(client)).toEqual({
      status: 200,
      body: {},
      empty: false,
      unusable: "too long to be one",
      retryAfterMs: 0,
    });
    await isClosed;
  });

  it("gives up after the timeout, and what waits for its connection with it", async () => {
    const { answer, arrived, closed } = silence();
    const client = await facing(answer);
    const replies = [get(client), get(client)];
    await arrived;
    await clock.advance(TIMEOUT - 1);
    await clock.advance(1);
    for (const reply of await Promise.all(replies)) {
      expect(reply).toEqual({ status: 0, body: {}, empty: true, retryAfterMs: 0, failure: "TIMEOUT" });
    }
    await closed;
  });

  it("gives up an answer that comes a byte at a time", async () => {
    const client = await facing((_request, response) => {
      response.write("{");
      const timer = setInterval(() => response.write(" "), 1);
      response.on("close", () => clearInterval(timer));
    });
    const reply = get(client);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await clock.advance(TIMEOUT);
    expect(await reply).toMatchObject({ status: 0, failure: "TIMEOUT" });
  });

  it("aborts when its signal does, before and after it has begun", async () => {
    const { answer, arrived } = silence();
    const client = await facing(answer);
    const stop = new AbortController();
    const reply = get(client, { signal: stop.signal });
    await arrived;
    stop.abort();
    expect(await reply).toMatchObject({ status: 0, failure: "STOPPED" });
    expect(await get(client, { signal: stop.signal })).toMatchObject({ status: 0, failure: "STOPPED" });
  });

  it("leaves nothing behind when an answer has come: no timer, and no listener but one for all requests", async () => {
    const timers = new Set<() => void>();
    const after = (_ms: number, ring: () => void) => {
      timers.add(ring);
      return () => void timers.delete(ring);
    };
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners += 1;
      addEventListener.apply(signal, args);
    };
    const url = await listen(createServer((_request, response) => void response.end("{}")));
    const client = createPlatformClient(url, { ...clock, after }, await transportTo(url));
    onTestFinished(client.close);
    for (const _ of [1, 2]) {
      const reply = get(client, { signal });
      expect([timers.size, listeners]).toEqual([1, 1]);
      expect((await reply).status).toBe(200);
      expect([timers.size, listeners]).toEqual([0, 1]);
    }
  });

  it("aborts all that is in flight when it is closed", async () => {
    const client = await facing(() => {});
    const stop = new AbortController();
    const replies = [get(client, { signal: stop.signal }), get(client, { signal: stop.signal })];
    stop.abort();
    for (const { failure } of await Promise.all(replies)) expect(failure).toBe("STOPPED");
  });

  it("tells by a code why there was no answer, and never with the token", async () => {
    const gone = createServer();
    const url = await listen(gone);
    await new Promise((resolve) => gone.close(resolve));
    const rude = await listen(createSocketServer((socket) => void socket.end("nonsense\r\n\r\n")));
    const mute = await listen(createSocketServer((socket) => void socket.destroy()));
    const refused = await get(await clientOf(url));
    expect(refused).toMatchObject({ status: 0, failure: "ECONNREFUSED" });
    const bad = { ...headers, "X-Bad": `${TOKEN}\n` };
    const replies = [
      await get(await clientOf(rude)),
      await get(await clientOf(mute)),
      await (await clientOf(mute)).send({ method: "GET", path: "", headers: bad, timeoutMs: TIMEOUT }),
    ];
    for (const reply of replies) {
      expect(reply).toMatchObject({ status: 0, failure: expect.stringMatching(/^[A-Z_]+$/) });
      expect(JSON.stringify(reply)).not.toContain(TOKEN);
    }
  });

  it("ends what is in flight when it is closed", async () => {
    const { answer, arrived } = silence();
    const client = await facing(answer);
    const reply = get(client);
    await arrived;
    await client.close();
    expect((await reply).status).toBe(0);
  });
});
