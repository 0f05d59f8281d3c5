import { createServer, type RequestListener, type Server } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, onTestFinished } from "vitest";
import { listen } from "../../test/support/servers.ts";
import { systemClock } from "../clock.ts";
import { type Connection, connect } from "./connection.ts";

interface Scene {
  readonly server: Server;
  readonly origin: string;
  readonly connection: Connection;
  /** How many connections were opened. */
  opened(): number;
  send(path?: string, options?: { headers?: Record<string, string>; signal?: AbortSignal }): Promise<number>;
}

async function scene(answer: RequestListener, port = 0): Promise<Scene> {
  const server = createServer(answer);
  let opened = 0;
  server.on("connection", () => {
    opened += 1;
  });
  const origin = `http://127.0.0.1:${await listen(server, port)}`;
  const connection = connect(origin, systemClock());
  onTestFinished(() => connection.close());
  return {
    server,
    origin,
    connection,
    opened: () => opened,
    async send(path = "/", { headers = {}, signal } = {}) {
      const url = origin + path;
      const common = { headers, body: null, signal, timeoutMs: 10_000, maxBytes: 1_000 };
      return (await connection.request({ method: "GET", url, ...common })).status;
    },
  };
}

const answer: RequestListener = (_, response) => void response.end("{}");
/** Answers everything except requests to `/silent`. */
const partlySilent: RequestListener = ({ url }, response) => {
  if (url !== "/silent") response.end("{}");
};
const repeat = <T>(times: number, run: () => Promise<T>) => Promise.all(Array.from({ length: times }, run));

describe("the connections to a platform", () => {
  it("are few for a burst of quick requests, and one for sequential requests", async () => {
    const { send, opened } = await scene(answer);
    for (let count = 0; count < 10; count += 1) expect(await send()).toBe(200);
    expect(opened()).toBe(1);
    expect(new Set(await repeat(40, send))).toEqual(new Set([200]));
    expect(opened()).toBeLessThan(20);
  });

  it("are added while requests wait for slow ones, up to 64", async () => {
    const { send, opened } = await scene(partlySilent);
    const silent = repeat(70, () => send("/silent")).catch(() => {});
    await expect.poll(opened, { interval: 20 }).toBe(64);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(opened()).toBe(64);
    void silent;
  });

  it("let other requests pass one that hangs", async () => {
    const { send } = await scene(partlySilent);
    const silent = send("/silent").catch(() => {});
    expect(await send()).toBe(200);
    void silent;
  });

  it("are free again after an abort, a rejection or a request that cannot be sent", async () => {
    const { send, server, origin, opened } = await scene(partlySilent);
    const aborted = new AbortController();
    const silent = send("/silent", { signal: aborted.signal });
    setTimeout(() => aborted.abort(), 20);
    await expect(silent).rejects.toMatchObject({ code: "ABORTED" });
    await expect(send("/", { headers: { "x-bad": "a\nb" } })).rejects.toThrow();
    expect(await send()).toBe(200);
    expect(opened()).toBeLessThanOrEqual(3);

    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    for (let count = 0; count < 5; count += 1)
      await expect(send()).rejects.toMatchObject({
        code: expect.stringMatching(/^(ECONNREFUSED|UND_ERR_SOCKET)$/),
      });
    await scene(answer, Number(new URL(origin).port));
    expect(new Set(await repeat(20, send))).toEqual(new Set([200]));
  });

  it("do not send a request that was cancelled while it waited", async () => {
    const asked: (string | undefined)[] = [];
    const { send } = await scene(({ url }, response) => {
      asked.push(url);
      setTimeout(() => response.end("{}"), 20);
    });
    const aborted = new AbortController();
    const first = send("/first");
    const waiting = send("/waiting", { signal: aborted.signal });
    aborted.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    await first;
    expect(await send("/last")).toBe(200);
    expect(asked).toEqual(["/first", "/last"]);
  });

  it("hold no request that was answered, while others wait", async () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const { send } = await scene(partlySilent);
    const sent: WeakRef<object>[] = [];
    const answered = repeat(50, () => {
      const headers = { "x-any": "text" };
      sent.push(new WeakRef(headers));
      return send("/", { headers });
    });
    void repeat(100, () => send("/silent").catch(() => {}));
    await answered;
    // A weak reference holds what it refers to until the end of the turn.
    await new Promise((resolve) => setTimeout(resolve));
    collect();
    expect(sent.filter((each) => each.deref() !== undefined).length).toBeLessThan(10);
  });

  it("are reused", async () => {
    const { send, opened } = await scene((_, response) => void setTimeout(() => response.end("{}"), 120));
    await repeat(8, send);
    const atFirst = opened();
    expect(atFirst).toBeGreaterThan(1);
    for (let count = 0; count < 5; count += 1) await send();
    expect(opened()).toBe(atFirst);
  });
});
