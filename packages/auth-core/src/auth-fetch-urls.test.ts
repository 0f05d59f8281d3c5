import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { startServer } from "../test/support/server.ts";
import { testStorage } from "../test/support/storage.ts";
import { fileToken, workspaceToken } from "../test/support/tokens.ts";
import { createAuthFetch } from "./auth-fetch.ts";
import { createAuth } from "./create-auth.ts";

function setUp(platform: string | undefined, stored: string | null = fileToken) {
  const env: Record<string, string | undefined> = { PLATFORM_URL: platform };
  const auth = createAuth({ storage: testStorage(stored), env });
  return { env, auth, send: createAuthFetch(auth) };
}

describe("a path", () => {
  it.each([
    ["/x", "/base/x"],
    ["x", "/base/x"],
    ["/x/../y?a=//b#c", "/base/y?a=//b"],
    ["?a=1", "/base/?a=1"],
    ["workspaces/a:b", "/base/workspaces/a:b"],
    ["", "/base/"],
  ])("%j resolves below the platform's base URL", async (path, received) => {
    const server = await startServer();
    const { send } = setUp(`${server.origin}/base/`);
    await send(path);
    expect(server.received).toMatchObject([
      { path: received, headers: { authorization: `Bearer ${fileToken}` } },
    ]);
  });

  it("of a workspace resolves below that workspace's platform", async () => {
    const server = await startServer();
    const { auth } = setUp("https://p.example");
    auth.registerWorkspaceToken("a", workspaceToken, { platformUrl: `${server.origin}/eu` });
    await createAuthFetch(auth, { workspaceId: "a" })("/x");
    expect(server.received.map(({ path }) => path)).toStrictEqual(["/eu/x"]);
  });

  it("resolves below the platform that is set when it is sent", async () => {
    const [old, moved] = [await startServer(), await startServer()];
    const storage = testStorage(fileToken);
    const env = { PLATFORM_URL: old.origin };
    const read = storage.read.bind(storage);
    storage.read = () => {
      env.PLATFORM_URL = moved.origin;
      return read();
    };
    await createAuthFetch(createAuth({ storage, env }))("/x");
    expect([old.received.length, moved.received.length]).toStrictEqual([0, 1]);
    expect(moved.received[0]?.headers).toMatchObject({
      authorization: `Bearer ${fileToken}`,
      origin: moved.origin,
    });
  });

  it("is not sent with headers that always name another Origin, and does not hang", async () => {
    const server = await startServer();
    const { auth } = setUp(server.origin);
    let calls = 0;
    const authHeaders: typeof auth.authHeaders = async (...given) => {
      calls += 1;
      if (calls > 100) throw new Error("endless");
      return { ...(await auth.authHeaders(...given)), Origin: "http://localhost:3000" };
    };
    const error = await authError("PLATFORM_UNKNOWN", () => createAuthFetch({ ...auth, authHeaders })("/x"));
    expect(error.message).toBe("The headers name another Origin.");
    expect(calls).toBe(20);
    expect(server.received).toStrictEqual([]);
  });

  it.each([
    "//HOST/x",
    "\\\\HOST\\x",
    "/\\HOST/x",
    "\\/HOST/x",
    "/\t/HOST/x",
    " \n//HOST/x",
    "http:HOST/x",
    "http:\\\\HOST/x",
  ])("is not %j, which names a host", async (text) => {
    const [server, elsewhere] = [await startServer(), await startServer()];
    const { send } = setUp(`${server.origin}/base`);
    await send(text.replace("HOST", new URL(elsewhere.origin).host));
    expect(server.received).toStrictEqual([]);
    expect(elsewhere.received).toMatchObject([{ path: "/x" }]);
    expect(elsewhere.received[0]?.headers).not.toHaveProperty("authorization");
  });
});

describe("the checked URL is the one that is sent", () => {
  async function towards(input: (origins: { platform: string; elsewhere: string }) => object) {
    const [platform, elsewhere] = [await startServer(), await startServer()];
    const send: (input: object) => Promise<Response> = setUp(platform.origin).send as never;
    await send(input({ platform: platform.origin, elsewhere: elsewhere.origin }));
    const leaked = elsewhere.received.some(({ headers }) => headers.authorization !== undefined);
    return { leaked, received: [platform.received.length, elsewhere.received.length] };
  }

  it("for an object whose url differs from its text", async () => {
    const outcome = await towards(({ platform, elsewhere }) => ({
      url: platform,
      toString: () => elsewhere,
    }));
    expect(outcome).toStrictEqual({ leaked: false, received: [0, 1] });
  });

  it("for an object whose text changes each time it is read", async () => {
    const outcome = await towards(({ platform, elsewhere }) => {
      let asked = 0;
      return { toString: () => (asked++ === 0 ? platform : elsewhere) };
    });
    expect(outcome).toStrictEqual({ leaked: false, received: [1, 0] });
  });

  it("for a Request whose url property lies", async () => {
    const outcome = await towards(({ platform, elsewhere }) =>
      Object.defineProperty(new Request(elsewhere), "url", { value: platform }),
    );
    expect(outcome).toStrictEqual({ leaked: false, received: [0, 1] });
  });

  it("for an init that changes after the call", async () => {
    const server = await startServer();
    const { send } = setUp(server.origin);
    const init = { method: "POST", body: "one" };
    const sent = send("/x", init);
    init.body = "two";
    await sent;
    expect(server.received.map(({ body }) => body)).toStrictEqual(["one"]);
  });
});

describe("an init that inherits its properties", () => {
  it("counts as it does for fetch", async () => {
    const server = await startServer();
    const { send } = setUp(server.origin);
    const headers = { "x-own": "1" };
    const init = new Request("https://other.example/", { method: "PUT", body: "one", headers });
    expect((await send("/x", init as RequestInit)).status).toBe(200);
    expect(server.received).toMatchObject([
      {
        method: "PUT",
        path: "/x",
        body: "one",
        headers: { ...headers, authorization: `Bearer ${fileToken}` },
      },
    ]);
  });
});

it.each([{ url: "/x" }, Object.defineProperty({}, Symbol.toStringTag, { value: "Request" })])(
  "an object that is not a URL, such as another package's Request, is rejected",
  async (input) => {
    const server = await startServer();
    await expect(setUp(server.origin).send(input as never)).rejects.toThrow(/^Not a URL: \[object /);
    expect(server.received).toStrictEqual([]);
  },
);

describe("the signal of a request", () => {
  it.each(["init", "Request"])("in %s also aborts the token lookup", async (via) => {
    const storage = testStorage();
    storage.read = () => new Promise(() => {});
    const auth = createAuth({ storage, env: { PLATFORM_URL: "https://p.example" } });
    // It ignores the signal, as the lookup must not.
    const send = createAuthFetch(auth, { fetch: async () => new Response() });
    const control = new AbortController();
    const { signal } = control;
    const sent =
      via === "init" ? send("/x", { signal }) : send(new Request("https://p.example/x", { signal }));
    control.abort(new Error("enough"));
    await expect(sent).rejects.toThrow("enough");
  });
});
