import type { RequestListener } from "node:http";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { createPlatformClient } from "@x/platform-client";
import { describe, expect, it, onTestFinished } from "vitest";
import { listen, serveHttp } from "../../test/support/servers.ts";
import { systemClock } from "../clock.ts";
import { connect } from "./connection.ts";

const ask = async (answer: RequestListener, limits = {}) => send(`${await serveHttp(answer)}/`, limits);

function send(url: string, { maxBytes = 1_000, timeoutMs = 10_000 } = {}) {
  const connection = connect(url, systemClock());
  onTestFinished(() => connection.close());
  return connection.request({
    method: "POST",
    url,
    headers: {},
    body: "{}",
    signal: undefined,
    timeoutMs,
    maxBytes,
  });
}

const compressed =
  (coding: string, content: Buffer): RequestListener =>
  (_, response) =>
    void response.writeHead(200, { "content-encoding": coding }).end(content);

describe("an answer that is compressed without being asked to", () => {
  const TEXT = '{"status":"registered"}';
  it.each([
    ["gzip", gzipSync(TEXT)],
    ["x-gzip", gzipSync(TEXT)],
    ["GZIP", gzipSync(TEXT)],
    ["deflate", deflateSync(TEXT)],
    ["deflate", deflateRawSync(TEXT)],
    ["gzip, identity", gzipSync(TEXT)],
    ["gzip, br", brotliCompressSync(gzipSync(TEXT))],
    ["gzip, gzip", gzipSync(TEXT)],
    ["br", brotliCompressSync(TEXT)],
    ["identity", Buffer.from(TEXT)],
    ["gzip", Buffer.from(TEXT)],
    ["deflate", Buffer.from(TEXT)],
  ])("is read: %s", async (coding, content) => {
    expect(await ask(compressed(coding, content))).toMatchObject({ status: 200, text: TEXT });
  });

  it("is read if it is not compressed at all, although its text could be decompressed", async () => {
    const text = '{"a":1}';
    expect(await ask(compressed("deflate", Buffer.from(text)))).toMatchObject({ text });
  });

  it.each([
    ["gzip", gzipSync(Buffer.alloc(1_000_000))],
    ["br", brotliCompressSync(Buffer.alloc(1_000_000))],
    ["gzip, br", brotliCompressSync(gzipSync(Buffer.alloc(1_000_000)))],
  ])("is limited by its decompressed size: %s", async (coding, content) => {
    expect(content.length).toBeLessThan(2_000);
    expect(await ask(compressed(coding, content), { maxBytes: 2_000 })).toMatchObject({ text: null });
  });
});

it("several headers of one name are joined, as fetch joins them", async () => {
  const { headers } = await ask((_, response) => {
    response.writeHead(429, ["Retry-After", "5", "Retry-After", "30"]).end("{}");
  });
  expect(headers.get("retry-after")).toBe("5, 30");
});

describe("an interrupted answer", () => {
  const begin: RequestListener = (_, response) => void response.writeHead(200).write('{"auth_token":"abc"');
  const cut: RequestListener = (request, response) => {
    begin(request, response);
    setTimeout(() => response.destroy(), 50);
  };
  it.each([
    ["by the server", cut, 10_000, "UND_ERR_SOCKET"],
    ["because it stalls", begin, 300, "TIMEOUT"],
  ])(
    "%s fails, and the error keeps the received part where nothing prints it",
    async (_, answer, timeoutMs, code) => {
      const error: unknown = await ask(answer, { timeoutMs }).catch((failure: unknown) => failure);
      expect(error).toMatchObject({ code, received: { status: 200, text: '{"auth_token":"abc"' } });
      expect(inspect(error) + JSON.stringify(error)).not.toContain("auth_token");
    },
  );

  it("fails at once, without a check for TLS", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"));
    });
    const url = `http://127.0.0.1:${await listen(server)}/`;
    await expect(send(url)).rejects.toMatchObject({ code: "UND_ERR_SOCKET" });
    expect(connections).toBe(1);
  });

  it.each([
    ["cut by the server", cut, 10_000],
    ["stalled", begin, 300],
  ])("%s: the client stores the token in it", async (_, answer, timeoutMs) => {
    const platformUrl = await serveHttp(answer);
    const transport = connect(platformUrl, systemClock());
    onTestFinished(() => transport.close());
    const storage = memoryTokenStorage();
    const auth = createAuth({ storage, platformUrl, fallback: [] });
    const workspaceId = "0f8fad5b-d9cb-469f-a165-70867728950e";
    const client = createPlatformClient({ auth, platformUrl, workspaceId, transport, timeoutMs });
    expect(await client.register({ agentCard: {} })).toMatchObject({ ok: true });
    expect(await storage.read()).toBe("abc");
  });
});
