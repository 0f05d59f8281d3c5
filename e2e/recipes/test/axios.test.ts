import { inspect } from "node:util";
import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { authInterceptor } from "@x/auth-node/axios";
import axios, { type AxiosError } from "axios";
import { describe, expect, it } from "vitest";
import { listen, startForeign } from "../src/server.ts";

const old = "the-token-of-yesterday";
const current = "the-token-of-today-at-last";

async function setUp(fallback = current) {
  const foreign = await startForeign();
  const received: string[] = [];
  const url = await listen(async (incoming, response) => {
    const { authorization } = incoming.headers;
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
    received.push(`${authorization?.slice("Bearer ".length)} ${body}`);
    if (incoming.url === "/away") return response.writeHead(302, { location: foreign.url }).end();
    response.writeHead(authorization === `Bearer ${current}` ? 200 : 401).end();
  });
  const env = { MOLECULE_WORKSPACE_TOKEN: fallback };
  const auth = createAuth({ storage: memoryTokenStorage(old), platformUrl: url, env });
  const client = axios.create({ baseURL: url });
  client.interceptors.request.use(authInterceptor(auth));
  return { client, auth, received, foreign };
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
