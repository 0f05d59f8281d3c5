import { Readable } from "node:stream";
import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { type AuthInterceptorOptions, authInterceptor } from "@x/auth-node/undici";
import {
  Agent,
  Client,
  type Dispatcher,
  FormData,
  fetch,
  interceptors,
  MockAgent,
  Pool,
  request,
} from "undici";
import { describe, expect, it } from "vitest";
import { listen } from "../../../packages/auth-core/test/support/server.ts";
import { startForeign } from "../src/server.ts";

const old = "the-token-of-yesterday";
const current = "the-token-of-today-at-last";

interface Received {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** A platform that accepts only the current token, and an Auth that starts with an outdated one. */
async function setUp(setting: { fallback?: string; hanging?: true } = { fallback: current }) {
  const received: Received[] = [];
  const foreign = await startForeign();
  const url = await listen(async (incoming, response) => {
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
    const { method = "", url: path = "", headers } = incoming;
    received.push({ method, path, authorization: headers.authorization, body });
    if (path === "/within") return response.writeHead(307, { location: "/x" }).end();
    if (path === "/away") return response.writeHead(307, { location: `${foreign.url}/x` }).end();
    if (headers.authorization === `Bearer ${current}`) return response.end("fine");
    response.writeHead(401);
    return setting.hanging ? response.write("who") : response.end("who are you?");
  });
  const storage = memoryTokenStorage(old);
  const env = { ...(setting.fallback && { MOLECULE_WORKSPACE_TOKEN: setting.fallback }) };
  // Longer than any test: nothing here may wait for it.
  const auth = createAuth({ storage, platformUrl: url, env, sourceTimeoutMs: 60_000 });
  const agent = (options: AuthInterceptorOptions = {}) => new Agent().compose(authInterceptor(auth, options));
  const tokens = () => received.map(({ authorization }) => authorization?.slice("Bearer ".length));
  return { url, foreign, received, tokens, auth, storage, agent };
}

async function answer(sent: ReturnType<typeof request>): Promise<[number, string]> {
  const { statusCode, body } = await sent;
  return [statusCode, await body.text()];
}

describe("after a 401 of an undici request", () => {
  it.each([
    ["a string", () => "text", "text"],
    ["bytes", () => new TextEncoder().encode("text"), "text"],
    ["none", () => null, ""],
  ])("the request is retried once, with a body that is %s", async (_, body, text) => {
    const { url, received, tokens, agent } = await setUp();
    const sent = request(url, { method: "POST", body: body(), dispatcher: agent() });
    expect(await answer(sent)).toEqual([200, "fine"]);
    expect(received.map((each) => each.body)).toEqual([text, text]);
    expect(tokens()).toEqual([old, current]);
  });

  it("a form is sent again", async () => {
    const { url, received, agent } = await setUp();
    const body = new FormData();
    body.set("name", "value");
    expect(await answer(request(url, { method: "POST", body, dispatcher: agent() }))).toEqual([200, "fine"]);
    for (const { body } of received) expect(body).toContain("value");
  });

  it("a stream is not, but the next request uses the other token", async () => {
    const { url, tokens, agent } = await setUp();
    const dispatcher = agent();
    const body = Readable.from(["streamed"]);
    expect(await answer(request(url, { method: "POST", body, dispatcher }))).toEqual([401, "who are you?"]);
    expect(await answer(request(url, { dispatcher }))).toEqual([200, "fine"]);
    expect(tokens()).toEqual([old, current]);
  });

  it("it is passed through with its body when there is no other token", async () => {
    const { url, tokens, agent } = await setUp({});
    expect(await answer(request(url, { dispatcher: agent() }))).toEqual([401, "who are you?"]);
    expect(tokens()).toEqual([old]);
  });

  it("it is passed through with its body by a MockAgent, which does not wait while it is paused", async () => {
    const { url, auth } = await setUp({});
    const mocked = new MockAgent();
    mocked.disableNetConnect();
    mocked.get(url).intercept({ path: "/x" }).reply(401, "who are you?");
    const dispatcher = mocked.compose(authInterceptor(auth));
    expect(await answer(request(`${url}/x`, { dispatcher }))).toEqual([401, "who are you?"]);
  });

  it("it is passed through to a handler without callbacks", async () => {
    const { url, agent } = await setUp({});
    const heard: unknown[] = [];
    agent().dispatch(
      { origin: url, path: "/", method: "GET" },
      {
        onRequestStart() {},
        onResponseStart: (_, status) => void heard.push(status),
        onResponseData: (_, chunk) => void heard.push(chunk.toString()),
        onResponseEnd: () => void heard.push("end"),
        onResponseError: (_, error) => void heard.push(error),
      },
    );
    await expect.poll(() => heard).toEqual([401, "who are you?", "end"]);
  });

  it("a second 401 is passed through", async () => {
    const { url, tokens, agent } = await setUp({ fallback: "a-token-of-last-week" });
    expect(await answer(request(url, { dispatcher: agent() }))).toEqual([401, "who are you?"]);
    expect(tokens()).toEqual([old, "a-token-of-last-week"]);
  });

  it("the retry does not wait for an endless body, even on the only connection", async () => {
    const { url, auth } = await setUp({ fallback: current, hanging: true });
    const dispatcher = new Client(url).compose(authInterceptor(auth, { origin: url }));
    expect(await answer(request(url, { dispatcher }))).toEqual([200, "fine"]);
  });

  it.each(["above", "below"])("the retry frees its connection with undici's dump %s it", async (place) => {
    const { url, auth, tokens } = await setUp();
    const both = [interceptors.dump(), authInterceptor(auth)];
    const dispatcher = new Agent().compose(...(place === "above" ? both.reverse() : both));
    expect(await answer(request(url, { dispatcher }))).toEqual([200, ""]);
    expect(tokens()).toEqual([old, current]);
    await dispatcher.close();
  });

  it("the retry works below fetch and undici's own interceptors", async () => {
    const { url, auth } = await setUp();
    const dispatcher = new Agent().compose(
      authInterceptor(auth),
      interceptors.retry(),
      interceptors.decompress(),
    );
    expect(await (await fetch(url, { dispatcher })).text()).toBe("fine");
  });
});

describe("the signature of an undici request", () => {
  it.each([
    ["an object", { authorization: "mine", "X-Own": "1" }],
    ["a list", ["authorization", "mine", "X-Own", "1"]],
    [
      "an iterable",
      new Map([
        ["authorization", "mine"],
        ["X-Own", "1"],
      ]),
    ],
  ])("replaces auth headers in %s, and keeps the others", async (_, headers) => {
    const { auth } = await setUp();
    await auth.saveToken(current);
    const sent: unknown[] = [];
    const dispatch = authInterceptor(auth)((options: { headers: unknown }, _handler: object) => {
      sent.push(options.headers);
      return true;
    });
    dispatch({ origin: auth.platformOrigin() ?? "", path: "/", method: "GET", headers } as never, {});
    await expect.poll(() => sent).toHaveLength(1);
    expect(sent).toEqual([
      { "X-Own": "1", Origin: auth.platformOrigin(), Authorization: `Bearer ${current}` },
    ]);
  });

  it("follows each redirect's target when the interceptor is composed first", async () => {
    const { url, foreign, received, auth } = await setUp();
    await auth.saveToken(current);
    const redirect = interceptors.redirect({ maxRedirections: 3 });
    const dispatcher = new Agent().compose(authInterceptor(auth), redirect);
    expect(await answer(request(`${url}/within`, { dispatcher }))).toEqual([200, "fine"]);
    await answer(request(`${url}/away`, { dispatcher }));
    expect(received.map(({ path, authorization }) => [path, authorization])).toEqual([
      ["/within", `Bearer ${current}`],
      ["/x", `Bearer ${current}`],
      ["/away", `Bearer ${current}`],
    ]);
    expect(foreign.received.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it("does not leave the origin in the other order either", async () => {
    const { url, foreign, auth } = await setUp();
    const redirect = interceptors.redirect({ maxRedirections: 3 });
    await answer(
      request(`${url}/away`, { dispatcher: new Agent().compose(redirect, authInterceptor(auth)) }),
    );
    expect(foreign.received.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it("is never sent by a pool for a foreign origin, whatever origin the request names", async () => {
    const { url, foreign, auth } = await setUp();
    const pool = new Pool(foreign.url).compose(authInterceptor(auth, { origin: foreign.url }));
    await answer(pool.request({ origin: url, method: "GET", path: "/x" }));
    await answer(pool.request({ method: "GET", path: "/x" }));
    expect(foreign.received.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
  });

  it("is sent to the origin that was checked, even if the request's URL object changes meanwhile", async () => {
    const { url, foreign, tokens, agent } = await setUp();
    const origin = new URL(url);
    const sent = agent().request({ origin, method: "GET", path: "/x" });
    origin.port = new URL(foreign.url).port;
    expect((await sent).statusCode).toBe(200);
    expect(foreign.received).toEqual([]);
    expect(tokens()).toEqual([old, current]);
  });

  it("is sent to the origin that was checked, even if a getter names another one later", async () => {
    const { auth, url, foreign } = await setUp();
    const sent: unknown[] = [];
    const dispatch = authInterceptor(auth)(({ origin }: { origin: string }, _handler: object) => {
      sent.push(origin);
      return true;
    });
    // Each origin is what one more read of the property finds.
    const origins: (string | undefined)[] = [url, url, undefined, foreign.url];
    const request = {
      path: "/",
      method: "GET",
      get origin() {
        return origins.length > 1 ? origins.shift() : origins[0];
      },
    };
    dispatch(request as never, {});
    await expect.poll(() => sent).toEqual([url]);
  });

  it("requires a pool's origin", async () => {
    const { url, auth } = await setUp();
    const pool = new Pool(url).compose(authInterceptor(auth));
    await expect(pool.request({ method: "GET", path: "/x" })).rejects.toThrow(
      /pass authInterceptor the `origin`/,
    );
  });

  it("is the sending workspace's", async () => {
    const { url, auth } = await setUp();
    const seen: unknown[] = [];
    const note =
      (dispatch: (options: object, handler: object) => boolean) => (options: object, handler: object) => {
        seen.push(Reflect.get(options, "headers"));
        return dispatch(options, handler);
      };
    const signing = authInterceptor(auth, { workspaceId: "agent-7", source: true });
    await answer(request(url, { dispatcher: new Agent().compose(note as never, signing) }));
    expect(seen[0]).toMatchObject({ "X-Workspace-ID": "agent-7" });
  });
});

describe("an undici request fails", () => {
  it("with the error when there is no platform, and retry() does not repeat it", async () => {
    const auth = createAuth({ storage: memoryTokenStorage(old) });
    const dispatcher = new Agent().compose(authInterceptor(auth), interceptors.retry());
    const error = await request("http://127.0.0.1:1/", { dispatcher }).catch((thrown) => thrown);
    expect(error.code).toBe("PLATFORM_UNKNOWN");
  });

  it("with its signal's reason while a token is being read", async () => {
    const { url, auth, storage, received } = await setUp();
    storage.read = () => new Promise(() => {});
    const dispatcher = new Agent().compose(authInterceptor(auth));
    const signal = AbortSignal.timeout(20);
    await expect(request(url, { dispatcher, signal })).rejects.toThrow(/timeout/);
    expect(received).toEqual([]);
  });

  it("with its signal's reason while another token is being read", async () => {
    const { url, auth, storage, received } = await setUp();
    await auth.getToken();
    const controller = new AbortController();
    storage.read = () => {
      controller.abort(new Error("enough"));
      return new Promise(() => {});
    };
    const dispatcher = new Agent().compose(authInterceptor(auth));
    await expect(request(url, { dispatcher, signal: controller.signal })).rejects.toThrow("enough");
    expect(received).toHaveLength(1);
  });

  it("once when its connection fails while another token is being read, and is not retried", async () => {
    const { url, auth, storage, received } = await setUp({ hanging: true });
    await auth.getToken();
    const heard: string[] = [];
    const done = withResolvers();
    storage.read = async () => {
      controller?.abort(new Error("cut"));
      await done.promise;
      return current;
    };
    let controller: Dispatcher.DispatchController | undefined;
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(given) {
        controller = given;
      },
      onResponseStart: () => void heard.push("start"),
      onResponseError(_, { message }) {
        heard.push(message);
        done.resolve();
      },
    };
    // On one connection, requests arrive in the order in which they were sent.
    const dispatcher = new Client(url).compose(authInterceptor(auth, { origin: url }));
    dispatcher.dispatch({ origin: url, path: "/", method: "GET" }, handler);
    await done.promise;
    expect(await auth.getToken()).toBe(current);
    for (const _ of [1, 2]) await answer(request(url, { dispatcher }));
    expect(heard).toEqual(["cut"]);
    expect(received).toHaveLength(3);
  });

  it("once with its signal's reason, whichever layer sees the abort first", async () => {
    const { url, auth, storage } = await setUp();
    await auth.getToken();
    const control = new AbortController();
    let controller: Dispatcher.DispatchController | undefined;
    const heard: string[] = [];
    storage.read = () => {
      controller?.abort(new Error("enough"));
      control.abort(new Error("enough"));
      return new Promise(() => {});
    };
    const dispatcher = new Agent().compose(authInterceptor(auth));
    const options = { origin: url, path: "/", method: "GET" as const, signal: control.signal };
    dispatcher.dispatch(options, {
      onRequestStart(given) {
        controller = given;
      },
      onResponseError: (_, { message }) => void heard.push(message),
    });
    await expect.poll(() => heard).toEqual(["enough"]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual(["enough"]);
  });

  it("just as it would unsigned", async () => {
    const { auth } = await setUp();
    const dispatcher = new Agent().compose(authInterceptor(auth));
    await expect(request("http://127.0.0.1:1/", { dispatcher })).rejects.toThrow(/bad port|ECONNREFUSED/);
  });
});

/** A substitute for `Promise.withResolvers`, which the oldest supported Node lacks. */
function withResolvers() {
  let resolve = () => {};
  const promise = new Promise<void>((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve };
}
