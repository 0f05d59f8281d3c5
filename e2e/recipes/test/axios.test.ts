import { createReadStream } from "node:fs";
import { inspect } from "node:util";
import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { authInterceptor } from "@x/auth-node/axios";
import axios, { type AxiosError } from "axios";
import { describe, expect, it } from "vitest";
import { listen } from "../../../packages/auth-core/test/support/server.ts";
import { startForeign } from "../src/server.ts";

const old = "the-token-of-yesterday";
const current = "the-token-of-today-at-last";

async function setUp(fallback = current) {
  const foreign = await startForeign();
  const received: string[] = [];
  const types: string[] = [];
  const url = await listen(async (incoming, response) => {
    const { authorization } = incoming.headers;
    let body = "";
    try {
      for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
    } catch {
      return; // Its body has broken off.
    }
    types.push(incoming.headers["content-type"] ?? "");
    received.push(`${authorization?.slice("Bearer ".length)} ${body}`);
    if (incoming.url === "/away") return response.writeHead(302, { location: foreign.url }).end();
    response.writeHead(authorization === `Bearer ${current}` ? 200 : 401).end();
  });
  const env = { MOLECULE_WORKSPACE_TOKEN: fallback };
  const auth = createAuth({ storage: memoryTokenStorage(old), platformUrl: url, env });
  const client = axios.create({ baseURL: url });
  client.interceptors.request.use(authInterceptor(auth));
  return { client, auth, received, types, foreign };
}

const failure = (sent: Promise<unknown>): Promise<AxiosError> =>
  sent.then(
    () => expect.unreachable(),
    (error) => error,
  );

describe("an axios request", () => {
  it("with a body is retried once after a 401", async () => {
    const { client, received } = await setUp();
    expect((await client.post("/x", { a: 1 })).status).toBe(200);
    expect(received).toEqual([`${old} {"a":1}`, `${current} {"a":1}`]);
  });

  const Package = axios.defaults.env?.FormData ?? FormData;
  it.each([
    ["the global FormData", () => new FormData()],
    ["the package form-data, which axios uses too", () => new Package()],
    [
      "a form-data before 4.0.3, without a tag",
      () => Object.defineProperty(new Package(), Symbol.toStringTag, { value: undefined }),
    ],
  ])("with %s is complete, also when it is retried", async (_what, create) => {
    const { client, received, types } = await setUp();
    const form = create() as FormData;
    form.append("a", "1");
    expect((await client.post("/x", form)).status).toBe(200);
    const [boundary] = types.map((type) => type.split("multipart/form-data; boundary=")[1]);
    const body = `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--${boundary}--\r\n`;
    expect(received.map((each) => each.trimEnd())).toEqual(
      [old, current].map((token) => `${token} ${body}`.trimEnd()),
    );
    expect(types[1]).toBe(types[0]);
  });

  it("with a form keeps its type when its progress is reported", async () => {
    const { client, types } = await setUp();
    await client.post("/x", new FormData(), { onUploadProgress: () => {} });
    expect(types).toEqual(Array(2).fill(expect.stringMatching(/^multipart.*boundary=/)));
  });

  it.each([
    ["its own type", new Blob(["<p>"], { type: "text/html" }), {}, "text/html"],
    ["no type", new Blob(["x"]), {}, "application/octet-stream"],
    ["another type in the request", new Blob(["x"]), { headers: { "Content-Type": "text/css" } }, "text/css"],
  ])("with a blob of %s keeps it", async (_what, blob, config, type) => {
    const { client, received, types } = await setUp();
    await client.post("/x", blob, config);
    expect(types).toEqual([type, type]);
    expect(received[1]).toBe(`${current} ${await blob.text()}`);
  });

  it("fails when a file of its form cannot be read", async () => {
    const { client } = await setUp();
    const error = await failure(client.postForm("/x", { a: createReadStream("/no/such/file") }));
    expect(inspect(error)).toContain("ENOENT");
  });

  it("fails as an AxiosError that contains no token, whether logged or serialized as JSON", async () => {
    const { client } = await setUp("a-token-of-last-week");
    const error = await failure(client.get("/x"));
    expect(error.response?.status).toBe(401);
    const logged = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error);
    expect(logged).not.toMatch(/yesterday|last-week/);
  });

  it("is not redirected to another origin", async () => {
    const { client, auth, foreign } = await setUp();
    await auth.saveToken(current);
    const error = await failure(client.get("/away"));
    expect(error.code).toBe("REDIRECT_REJECTED");
    expect(foreign.received).toEqual([]);
  });

  it("is not redirected at all with maxRedirects: 0", async () => {
    const { client, auth, received, foreign } = await setUp();
    await auth.saveToken(current);
    const { response } = await failure(client.get("/away", { maxRedirects: 0 }));
    expect(response?.status).toBe(302);
    expect(response?.headers.location).toBe(foreign.url);
    expect([received.length, foreign.received]).toEqual([1, []]);
  });

  it.each(["httpAgent", "httpsAgent", "proxy", "socketPath", "beforeRedirect", "lookup"])(
    "throws on %s, which fetch does not support, rather than ignoring it",
    async (name) => {
      const { client, received } = await setUp();
      const error = await failure(client.get("/x", { [name]: name === "socketPath" ? "/tmp/x" : {} }));
      expect(error.message).toContain(`which has no \`${name}\``);
      expect(received).toEqual([]);
    },
  );

  it("accepts proxy: false", async () => {
    const { client } = await setUp();
    expect((await client.get("/x", { proxy: false })).status).toBe(200);
  });

  it("uses a custom fetch", async () => {
    const { auth, received } = await setUp();
    const urls: string[] = [];
    const client = axios.create({ baseURL: auth.platformUrl() ?? "" });
    const send: typeof fetch = (input, init) => {
      urls.push(new Request(input).url);
      return fetch(input, init);
    };
    client.interceptors.request.use(authInterceptor(auth, { fetch: send }));
    await client.get("/x");
    expect(urls).toHaveLength(2);
    expect(received).toHaveLength(2);
  });
});
