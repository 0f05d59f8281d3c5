import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import type { ProxyLimits } from "../../src/proxy/forward.ts";
import { ATLAS, BIRCH } from "../ids.ts";
import { startPlatform } from "../support/platform.ts";
import { ask, ROTATED, raw, recordingPlatform, startProxy, TOKEN } from "./scene.ts";

const STATE = `/workspaces/${ATLAS}/state`;
const MESSAGE = `/workspaces/${ATLAS}/a2a`;

/** A platform that accepts one token. */
async function acceptingPlatform() {
  let accepted = TOKEN;
  const bodies: string[] = [];
  const platform = await recordingPlatform(async (request, response) => {
    let body = "";
    try {
      for await (const chunk of request) body += chunk;
    } catch {
      // The request was interrupted.
      return;
    }
    bodies.push(body);
    const isAccepted = request.headers.authorization === `Bearer ${accepted}`;
    response
      .writeHead(isAccepted ? 200 : 401, { "content-type": "text/plain" })
      .end(isAccepted ? "yes" : "no");
  });
  return {
    ...platform,
    bodies,
    rotate() {
      accepted = ROTATED;
    },
  };
}

/** A proxy to a platform that accepts one token. */
async function start(limits?: ProxyLimits) {
  const platform = await acceptingPlatform();
  return { platform, ...(await startProxy(platform.url, { limits })) };
}

describe("a request through the proxy", () => {
  it("is signed for the platform, whatever identity the client claims", async () => {
    const platform = await acceptingPlatform();
    const { socket } = await startProxy(`${platform.url}/base/`);
    const answer = await ask(socket, `${STATE}?a=1&b=%20`, {
      headers: {
        authorization: "Bearer of-the-client",
        cookie: "a=b",
        origin: "https://evil.example",
        host: "evil.example",
        "x-workspace-id": BIRCH,
        "x-molecule-org-id": "evil",
        X_Workspace_ID: BIRCH,
        x_molecule_org_id: "evil",
        "x-forwarded-for": "192.0.2.1",
        "x-real-ip": "192.0.2.1",
        "x-original-url": "/workspaces/tokens",
        "x-rewrite-url": "/workspaces/tokens",
        "x-http-method-override": "DELETE",
        "x-http-method": "DELETE",
        X_Method_Override: "DELETE",
        connection: "x-private, keep-alive",
        "x-private": "of this connection",
        te: "trailers",
        "x-own": "kept",
      },
    });
    expect([answer.status, answer.body]).toEqual([200, "yes"]);
    const [request] = platform.received;
    expect(request?.url).toBe(`/base${STATE}?a=1&b=%20`);
    const { host, origin } = new URL(platform.url);
    expect(request?.headers).toEqual({
      host,
      origin,
      authorization: `Bearer ${TOKEN}`,
      "x-workspace-id": ATLAS,
      "x-own": "kept",
      "user-agent": expect.stringMatching(/^x-heartbeat\//),
      "accept-encoding": "identity",
      connection: "keep-alive",
    });
  });

  it("survives a rotation, including its body", async () => {
    const { platform, socket, file } = await start();
    const send = () => ask(socket, MESSAGE, { method: "POST", body: "hello" });
    expect((await send()).status).toBe(200);
    platform.rotate();
    await writeFile(file, ROTATED);
    expect(await Promise.all([send(), send(), send()])).toMatchObject([
      { status: 200 },
      { status: 200 },
      { status: 200 },
    ]);
    expect(new Set(platform.bodies)).toEqual(new Set(["hello"]));
  });

  it("with a body too long to repeat gets one 401, and the next one succeeds", async () => {
    const { platform, socket, file } = await start();
    const body = Buffer.alloc(1_000_000, "a");
    const send = () => ask(socket, MESSAGE, { method: "POST", body });
    platform.rotate();
    expect((await send()).status).toBe(401);
    await writeFile(file, ROTATED);
    expect((await send()).status).toBe(401);
    expect((await send()).status).toBe(200);
    expect(platform.bodies.map(({ length }) => length)).toEqual([1_000_000, 1_000_000, 1_000_000]);
  });

  it("works with the emulator through a rotation, for an agent's requests", async () => {
    const emulator = await startPlatform();
    const { socket, file } = await startProxy(emulator.url);
    await writeFile(file, emulator.create(ATLAS));
    const statuses = async () => [
      (await ask(socket, "/health")).status,
      (await ask(socket, `/workspaces/${ATLAS}`)).status,
      (await ask(socket, STATE)).status,
      (await ask(socket, `/workspaces/${ATLAS}/activity?type=a2a_receive&limit=5`)).status,
      (await ask(socket, `/registry/${ATLAS}/peers`)).status,
      (await ask(socket, `/workspaces/${ATLAS}/notify`, { method: "POST", body: '{"message":"hi"}' })).status,
      (await ask(socket, MESSAGE, { method: "POST", body: JSON.stringify(MESSAGE_BODY) })).status,
    ];
    expect(await statuses()).toEqual([200, 200, 200, 200, 200, 200, 200]);
    await writeFile(file, emulator.rotate(ATLAS));
    expect(await statuses()).toEqual([200, 200, 200, 200, 200, 200, 200]);
  });
});

const MESSAGE_BODY = {
  jsonrpc: "2.0",
  method: "message/send",
  params: { message: { role: "user", messageId: "m-1", parts: [{ kind: "text", text: "hi" }] } },
};

describe("no other request passes", () => {
  it.each([
    ["GET", "http://evil.example/", 400],
    ["GET", `http://evil.example${STATE}`, 400],
    ["GET", "*", 400],
    ["POST", "/registry/register", 403],
    ["POST", "/registry/heartbeat", 403],
    ["POST", "/registry/update-card", 403],
    ["GET", `/workspaces/${ATLAS}/tokens`, 403],
    ["POST", `/workspaces/${ATLAS}/tokens`, 403],
    ["POST", `/workspaces/${ATLAS}/external/rotate`, 403],
    ["POST", `/admin/workspaces/${ATLAS}/tokens`, 403],
    ["POST", "/workspaces", 403],
    ["DELETE", `/workspaces/${ATLAS}`, 405],
    ["POST", STATE, 405],
    ["GET", `/workspaces/${BIRCH}/activity`, 403],
    ["GET", `/workspaces/${BIRCH}/secrets/values`, 403],
    ["GET", `/workspaces/${ATLAS}/../../admin`, 400],
    ["GET", `/workspaces/${ATLAS}/%2e%2e/tokens`, 400],
    ["GET", `//evil.example${STATE}`, 400],
    ["GET", `/${STATE}`, 403],
    ["GET", `/\\evil.example${STATE}`, 400],
    ["GET", `/workspaces/${ATLAS}/state/`, 403],
    ["GET", `/WORKSPACES/${ATLAS}/state`, 403],
    ["GET", `${STATE}#fragment`, 400],
    ["GET", `/workspaces/${ATLAS}/a2a%2f..%2ftokens`, 400],
    ["CONNECT", "evil.example:443", 405],
  ])("%s %s is answered %i", async (method, target, status) => {
    const { platform, socket } = await start();
    const answer = await raw(
      socket,
      `${method} ${target} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(platform.received).toHaveLength(0);
  });

  it("and a 405 names the method that the path takes", async () => {
    const { socket } = await start();
    const { status, headers } = await ask(socket, STATE, { method: "PUT" });
    expect([status, headers.allow]).toEqual([405, "GET"]);
  });

  it("and neither does another protocol", async () => {
    const { platform, socket } = await start();
    const answer = await raw(
      socket,
      `GET ${STATE} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 501 /);
    expect(platform.received).toHaveLength(0);
  });

  it("an offer of HTTP/2, as of Java's client, is ignored", async () => {
    const { platform, socket } = await start();
    const offer = "connection: upgrade, http2-settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAEA\r\n";
    const answer = await raw(socket, `GET ${STATE} HTTP/1.1\r\nhost: a\r\n${offer}\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(platform.received.map(({ headers }) => Object.keys(headers))).not.toContainEqual(
      expect.arrayContaining(["http2-settings"]),
    );
    const post = "content-length: 2\r\n\r\nhi";
    expect(await raw(socket, `POST ${MESSAGE} HTTP/1.1\r\nhost: a\r\n${offer}${post}`)).toMatch(
      /^HTTP\/1\.1 200 /,
    );
    expect(platform.bodies.at(-1)).toBe("hi");
  });

  it("nor a second request that hides in the first", async () => {
    const { platform, socket } = await start();
    const hidden = "POST /registry/register HTTP/1.1\r\nhost: a\r\n\r\n";
    const answer = await raw(
      socket,
      `POST ${MESSAGE} HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(platform.received).toHaveLength(0);
  });

  it.each([
    ["1.1", "gzip, chunked", 501],
    ["1.1", "identity,chunked", 501],
    ["1.1", "gzip\r\nTransfer-Encoding: chunked", 501],
    ["1.0", "chunked\r\nconnection: keep-alive", 501],
    ["1.1", "chunked, chunked", 400],
    ["1.1", "chunked\r\nTransfer-Encoding: chunked", 400],
    ["1.1", "chunked, gzip", 400],
    ["1.1", "xchunked", 400],
    ["1.0", "xchunked", 400],
    ["1.1", "gzip, xchunked", 400],
    ["1.1", "gzip,\r\n chunked", 400],
    ["1.1", "chunked\r\ncontent-length: 5", 400],
    ["1.1", "CHUNKED\r\nconnection: close", 200],
  ])("HTTP/%s with Transfer-Encoding %j is answered %i", async (version, coding, status) => {
    const { platform, socket } = await start();
    const head = `POST ${MESSAGE} HTTP/${version}\r\nhost: a\r\nTRANSFER-ENCODING: ${coding}\r\n\r\n`;
    const answer = await raw(socket, `${head}5\r\nhello\r\n0\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(platform.bodies).toEqual(status === 200 ? ["hello"] : []);
  });

  it("nor one through a redirect, which is passed on but not followed", async () => {
    const elsewhere = await acceptingPlatform();
    const platform = await recordingPlatform((_, response) =>
      response.writeHead(302, { location: `${elsewhere.url}/`, "set-cookie": "a=b" }).end(),
    );
    const { socket } = await startProxy(platform.url);
    const { status, headers } = await ask(socket, STATE);
    expect([status, headers.location]).toEqual([302, `${elsewhere.url}/`]);
    expect(headers).not.toHaveProperty("set-cookie");
    expect(elsewhere.received).toHaveLength(0);
  });
});

describe("the token is never returned", () => {
  it("in a header or in a body that repeats it, however it is split", async () => {
    const platform = await recordingPlatform(async ({ headers: { authorization = "" } }, response) => {
      response.writeHead(200, { "x-echo": authorization });
      for (const part of [
        `a ${authorization.slice(0, 12)}`,
        authorization.slice(12, 20),
        authorization.slice(20),
        " z",
      ]) {
        await new Promise((resolve) => response.write(part, resolve));
      }
      response.end(TOKEN.slice(0, 10));
    });
    const { socket } = await startProxy(platform.url);
    const { headers, body } = await ask(socket, STATE);
    const stars = "*".repeat(TOKEN.length);
    expect(headers["x-echo"]).toBe(`Bearer ${stars}`);
    expect(body).toBe(`a Bearer ${stars} z${TOKEN.slice(0, 10)}`);
  });

  it.each([{ "content-encoding": "gzip" }, { "transfer-encoding": "gzip, chunked" }])(
    "in an answer that is compressed without being asked to: %j",
    async (headers) => {
      const platform = await recordingPlatform((_, response) => response.writeHead(200, headers).end("…"));
      const { socket } = await startProxy(platform.url);
      expect((await ask(socket, STATE)).status).toBe(502);
    },
  );
});

describe("limits", () => {
  it("a body that is too long gets a 413, announced or not", async () => {
    const { platform, socket } = await start({ maxBodyBytes: 500_000 });
    const body = Buffer.alloc(600_000, "a");
    expect((await ask(socket, MESSAGE, { method: "POST", body })).status).toBe(413);
    expect(platform.received).toHaveLength(0);
    const headers = { "transfer-encoding": "chunked" };
    const outcome = await ask(socket, MESSAGE, { method: "POST", body, headers }).catch(({ code }) => code);
    expect(outcome).toMatchObject({ status: 413 });
    expect(platform.bodies).toHaveLength(0);
  });

  it("a request that is rejected while its body is sent does not break the client's sending", async () => {
    const platform = await recordingPlatform((_, response) => response.end());
    const { socket } = await startProxy(platform.url);
    const client = connect(socket);
    let answer = "";
    let failure: unknown = null;
    client.on("error", (error) => {
      failure = error;
    });
    client.on("data", (chunk) => {
      answer += chunk;
    });
    const body = Buffer.alloc(16 * 1_024 * 1_024, "a");
    client.write(
      `POST /workspaces/${ATLAS}/tokens HTTP/1.1\r\nhost: platform\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    client.write(body);
    await once(client, "close");
    expect(failure).toBeNull();
    expect(answer).toMatch(/^HTTP\/1.1 403 /);
    expect(platform.received).toEqual([]);
  });

  it("a platform that does not answer in time is a 504, an unreachable one a 502", async () => {
    const platform = await recordingPlatform(() => {});
    const slow = await startProxy(platform.url, { limits: { answerMs: 300 } });
    expect(await ask(slow.socket, STATE)).toMatchObject({
      status: 504,
      headers: { "proxy-status": "heartbeat; error=http_response_timeout" },
    });
    const none = await startProxy("http://127.0.0.1:9");
    const { status, body } = await ask(none.socket, STATE);
    expect(status).toBe(502);
    expect(JSON.parse(body)).toEqual({ error: "the platform cannot be reached (ECONNREFUSED)" });
  });
});
