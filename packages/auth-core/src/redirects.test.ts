import { Stream } from "node:stream";
import { describe, expect, it } from "vitest";
import { redirecting } from "../test/support/redirecting.ts";
import { type Received, startServer } from "../test/support/server.ts";
import { testStorage } from "../test/support/storage.ts";
import { fileToken, rotatedToken } from "../test/support/tokens.ts";
import { createAuthFetch } from "./auth-fetch.ts";
import { createAuth } from "./create-auth.ts";
import { sendWithinOrigin, sentOnce } from "./redirects.ts";

const all = [301, 302, 303, 307, 308];
const json = { "Content-Type": "application/json", "Content-Language": "en", "X-Own": "1" };
const contentOf = ({ headers }: Received) => [headers["content-type"], headers["content-language"]];

describe("a redirect within the platform", () => {
  it.each(all)("%i of a GET is followed, still signed", async (status) => {
    const { server, send, old, paths } = await redirecting(status);
    expect((await send(old, { headers: json })).status).toBe(200);
    expect(paths()).toStrictEqual([
      ["GET", "/old", ""],
      ["GET", "/new", ""],
    ]);
    for (const { headers } of server.received) {
      expect(headers).toMatchObject({
        authorization: `Bearer ${fileToken}`,
        "x-own": "1",
        origin: server.origin,
      });
    }
  });

  it.each([301, 302, 303])("%i of a POST becomes a GET without the body and its headers", async (status) => {
    for (const method of ["POST", "post"]) {
      const { server, send, old, paths } = await redirecting(status);
      await send(old, { method, body: "{}", headers: json });
      expect(paths()).toStrictEqual([
        ["POST", "/old", "{}"],
        ["GET", "/new", ""],
      ]);
      expect(server.received.map(contentOf)).toStrictEqual([
        ["application/json", "en"],
        [undefined, undefined],
      ]);
      expect(server.received[1]?.headers).toMatchObject({
        "x-own": "1",
        authorization: `Bearer ${fileToken}`,
      });
    }
  });

  it("that becomes a GET has no header of the body, whatever client sends it", async () => {
    const url = "https://p.example/old";
    const names = ["encoding", "language", "length", "location", "type"].map((name) => `content-${name}`);
    const headers = Object.fromEntries([...names, "x-own"].map((name) => [name, "1"]));
    const sent: string[][] = [];
    const send: typeof fetch = async (_, init) => {
      sent.push([...new Headers(init?.headers).keys()]);
      return sent.length > 1 ? new Response() : Response.redirect("https://p.example/new", 303);
    };
    await sendWithinOrigin(send, { url, input: url, init: { method: "POST", body: "{}", headers } });
    expect(sent).toStrictEqual([[...names, "x-own"], ["x-own"]]);
  });

  it.each([307, 308])("%i of a POST repeats the POST", async (status) => {
    const { server, send, old, paths } = await redirecting(status);
    await send(old, { method: "POST", body: "{}", headers: json });
    expect(paths()).toStrictEqual([
      ["POST", "/old", "{}"],
      ["POST", "/new", "{}"],
    ]);
    expect(server.received.map(contentOf)).toStrictEqual(Array(2).fill(["application/json", "en"]));
  });

  it.each([
    [301, "PUT", "PUT"],
    [302, "DELETE", "DELETE"],
    [303, "PUT", "GET"],
    [303, "HEAD", "HEAD"],
    [303, "head", "HEAD"],
    [301, "HEAD", "HEAD"],
  ])("%i of a %s becomes a %s", async (status, method, next) => {
    const { send, old, server } = await redirecting(status);
    await send(old, { method });
    expect(server.received.map((request) => request.method)).toStrictEqual([method.toUpperCase(), next]);
  });

  it.each(all)("%i of a POST Request is followed unless that would resend its body", async (status) => {
    const { send, old, paths } = await redirecting(status);
    const response = await send(new Request(old, { method: "POST", body: "{}" }));
    // A Request's body is a stream, which cannot be sent twice.
    expect(response.status).toBe(status < 307 ? 200 : status);
    expect(paths().slice(1)).toStrictEqual(status < 307 ? [["GET", "/new", ""]] : []);
  });

  it.each([307, 308])("%i of a stream is returned as it is", async (status) => {
    const { send, old, paths } = await redirecting(status);
    const body = new Blob(["streamed"]).stream();
    const init = { method: "POST", body, duplex: "half" } as const;
    expect((await send(old, init)).status).toBe(status);
    expect(paths()).toStrictEqual([["POST", "/old", "streamed"]]);
  });

  it("is resolved against the previous URL at each hop", async () => {
    const server = await startServer(({ path }, response) => {
      const next = { "/a/b/c": "../d", "/a/d": "?q=1", "/a/d?q=1": "//HOST/e" }[path];
      if (next === undefined) return;
      response.writeHead(302, { Location: next.replace("HOST", new URL(server.origin).host) });
    });
    const auth = createAuth({ storage: testStorage(fileToken), env: { PLATFORM_URL: server.origin } });
    await createAuthFetch(auth)(`${server.origin}/a/b/c`);
    expect(server.received.map(({ path }) => path)).toStrictEqual(["/a/b/c", "/a/d", "/a/d?q=1", "/e"]);
  });

  it.each([
    [303, "GET", ""],
    [307, "POST", "paid"],
  ])("%i to a 401 retries at the redirect's target, not the original URL", async (status, method, body) => {
    const storage = testStorage(fileToken);
    const server = await startServer(({ path, headers }, response) => {
      if (path === "/old") response.writeHead(status, { Location: "/new" });
      else if (headers.authorization !== `Bearer ${rotatedToken}`) {
        storage.stored = rotatedToken;
        response.writeHead(401);
      }
    });
    const auth = createAuth({ storage, env: { PLATFORM_URL: server.origin } });
    const post = { method: "POST", body: "paid" };
    expect((await createAuthFetch(auth)(`${server.origin}/old`, post)).status).toBe(200);
    expect(server.received.map((request) => [request.method, request.path, request.body])).toStrictEqual([
      ["POST", "/old", "paid"],
      [method, "/new", body],
      [method, "/new", body],
    ]);
  });

  it("discards the redirect responses", async () => {
    const { old } = await redirecting(302);
    const responses: Response[] = [];
    const send: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      responses.push(response);
      return response;
    };
    const { response: last } = await sendWithinOrigin(send, { url: old, input: old, init: {} });
    expect(responses.map((response) => [response === last, response.bodyUsed])).toStrictEqual([
      [false, true],
      [true, false],
    ]);
  });
});

describe("sentOnce: a body that can be sent only once", () => {
  it.each([
    ["a stream", new Blob(["x"]).stream(), true],
    ["a stream where streams cannot be iterated", { getReader: () => {} }, true],
    ["a Node stream that cannot be iterated, as form-data's", new Stream(), true],
    ["an async iterable", (async function* () {})(), true],
    ["a string", "x", false],
    ["bytes", new Uint8Array(1), false],
    ["a form", new FormData(), false],
    ["none", null, false],
    ["none at all", undefined, false],
  ])("is detected: %s", (_, body, once) => {
    expect(sentOnce(body)).toBe(once);
  });
});
