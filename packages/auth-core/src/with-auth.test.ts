import { request } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { authError } from "../test/support/errors.ts";
import { lettingIn, startServer } from "../test/support/server.ts";
import { testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, rotatedToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthHeaders } from "./headers.ts";
import { withAuth } from "./with-auth.ts";

async function setUp(accepted: string[], stored: string | null = fileToken, fromEnv?: string) {
  const server = await startServer(lettingIn(new Set(accepted)));
  const storage = testStorage(stored);
  const env: Record<string, string | undefined> = { PLATFORM_URL: server.origin };
  if (fromEnv) env.MOLECULE_WORKSPACE_TOKEN = fromEnv;
  const auth = createAuth({ storage, env });
  const sent = () => server.received.map(({ headers }) => headers.authorization?.slice("Bearer ".length));
  return { server, storage, env, auth, sent, url: `${server.origin}/x` };
}

const viaFetch = (url: string) => (headers: AuthHeaders) => fetch(url, { headers });

describe("withAuth", () => {
  it("signs a request to the platform, and returns the client's response", async () => {
    const { auth, url, sent } = await setUp([fileToken]);
    const response = await withAuth(auth, { url, send: viaFetch(url) });
    expect(response.status).toBe(200);
    expect(sent()).toStrictEqual([fileToken]);
  });

  it("accepts a URL, and signs as the sending workspace", async () => {
    const { auth, url, server } = await setUp([fileToken]);
    await withAuth(auth, { url: new URL(url), send: viaFetch(url), workspaceId: "a", source: true });
    expect(server.received[0]?.headers).toMatchObject({ "x-workspace-id": "a", origin: server.origin });
  });

  it("is not sent as a person's message for want of the sending workspace's id", async () => {
    const { auth, url, sent } = await setUp([fileToken]);
    const send = viaFetch(url);
    await authError("WORKSPACE_ID_INVALID", () => withAuth(auth, { url, send, source: true }));
    expect(sent()).toStrictEqual([]);
  });

  it("returns the response in spite of a polluted Object.prototype", async () => {
    const { auth, url } = await setUp([fileToken]);
    Object.defineProperty(Object.prototype, "error", { configurable: true, value: "polluted" });
    onTestFinished(() => void Reflect.deleteProperty(Object.prototype, "error"));
    expect(await withAuth(auth, { url, send: () => 200 })).toBe(200);
  });

  it("returns whatever the client does", async () => {
    const { auth, url } = await setUp([]);
    expect(await withAuth(auth, { url, send: () => null })).toBeNull();
  });

  it("gives no headers to any other origin", async () => {
    const { auth, server } = await setUp([]);
    for (const url of [
      "https://p.example@evil.example/",
      "http://127.0.0.1:1/",
      "data:,x",
      `blob:${server.origin}/x`,
    ]) {
      expect(await withAuth(auth, { url, send: (headers) => headers })).toStrictEqual({});
    }
    await expect(withAuth(auth, { url: "/x", send: () => 1 })).rejects.toThrow(TypeError);
  });

  it("passes none when the platform changes during the token lookup", async () => {
    const { auth, env, storage, url } = await setUp([]);
    const read = storage.read.bind(storage);
    storage.read = () => {
      env.PLATFORM_URL = "https://moved.example";
      return read();
    };
    expect(await withAuth(auth, { url, send: (headers) => headers })).toStrictEqual({});
  });

  it("passes none that name another Origin", async () => {
    const { auth, url } = await setUp([]);
    auth.authHeaders = async () => ({ Origin: "https://other.example", Authorization: "Bearer x" });
    expect(await withAuth(auth, { url, send: (headers) => headers })).toStrictEqual({});
  });

  it("throws without a platform", async () => {
    const auth = createAuth({ storage: testStorage(fileToken) });
    const attempt = () => withAuth(auth, { url: "https://p.example", send: () => 1 });
    expect((await authError("PLATFORM_UNKNOWN", attempt)).message).toContain("set PLATFORM_URL");
  });

  it("names the missing `send`", async () => {
    const { auth, url } = await setUp([]);
    await expect(withAuth(auth, { url } as never)).rejects.toThrow("withAuth requires `send`");
  });

  it("aborts the token lookup with its signal", async () => {
    const { auth, storage, url } = await setUp([]);
    storage.read = () => new Promise(() => {});
    const signal = AbortSignal.timeout(10);
    await expect(withAuth(auth, { url, send: viaFetch(url), signal })).rejects.toThrow(/timeout/);
  });
});

type Outcome = { status?: number; statusCode?: number; response?: Outcome };

function statusOf(outcome: unknown): number | undefined {
  const { status, statusCode, response } = outcome as Outcome;
  return status ?? statusCode ?? (response && statusOf(response));
}

describe("after a 401", () => {
  /** The ways in which clients return or throw a 401. */
  const clients: Record<string, (url: string) => (headers: AuthHeaders) => Promise<unknown>> = {
    fetch: viaFetch,
    undici: (url) => async (headers) => {
      const { status: statusCode } = await fetch(url, { headers });
      return { statusCode, body: { dump: async () => {} } };
    },
    "one whose body refuses to be discarded": (url) => async (headers) => {
      const { status } = await fetch(url, { headers });
      const cancel = () => {
        throw new TypeError("the body is in use");
      };
      return { status, body: { cancel } };
    },
    "node:http": (url) => (headers) =>
      new Promise((resolve, reject) => {
        request(url, { headers, agent: false }, resolve).on("error", reject).end();
      }),
    axios: (url) => async (headers) => {
      const response = await fetch(url, { headers });
      if (!response.ok) throw Object.assign(new Error("axios"), { response: { status: response.status } });
      return response;
    },
    got: (url) => async (headers) => {
      const { status: statusCode } = await fetch(url, { headers });
      if (statusCode > 399) throw Object.assign(new Error("got"), { response: { statusCode } });
      return { statusCode };
    },
    "one that throws a status": (url) => async (headers) => {
      const { status } = await fetch(url, { headers });
      if (status > 399) throw Object.assign(new Error("status"), { status });
      return { status };
    },
  };

  it.each(Object.keys(clients))("of %s, the request is retried once with another token", async (name) => {
    const { auth, url, sent } = await setUp([envToken], fileToken, envToken);
    const send = clients[name]?.(url) ?? expect.fail();
    expect(statusOf(await withAuth(auth, { url, send }))).toBe(200);
    expect(sent()).toStrictEqual([fileToken, envToken]);
  });

  it.each(Object.keys(clients))(
    "of %s, the first result is returned if there is no other token",
    async (name) => {
      const { auth, url, sent } = await setUp([]);
      const send = clients[name]?.(url) ?? expect.fail();
      const outcome: unknown = await withAuth(auth, { url, send }).catch((error) => error);
      expect(statusOf(outcome)).toBe(401);
      expect(sent()).toStrictEqual([fileToken]);
    },
  );

  it("the first response is discarded before the retry", async () => {
    const { auth, url } = await setUp([envToken], fileToken, envToken);
    const answers: Response[] = [];
    await withAuth(auth, {
      url,
      async send(headers) {
        const answer = await fetch(url, { headers });
        answers.push(answer);
        return answer;
      },
    });
    expect(answers.map(({ bodyUsed }) => bodyUsed)).toStrictEqual([true, false]);
  });

  it.each(["dump", "resume"])("a response of a client that needs %s is discarded once", async (name) => {
    const { auth, url } = await setUp([], fileToken, envToken);
    const calls: unknown[][] = [];
    const free = { [name]: (...given: unknown[]) => void calls.push(given) };
    const response = { status: 401, body: {}, ...(name === "dump" ? { body: free } : free) };
    expect(await withAuth(auth, { url, send: () => response })).toBe(response);
    expect(calls).toStrictEqual([[]]);
  });

  it("a response whose rest never comes does not delay the retry", async () => {
    const { auth, url } = await setUp([envToken], fileToken, envToken);
    const answers = [{ status: 401, body: { dump: () => new Promise(() => {}) } }, { status: 200 }];
    expect(await withAuth(auth, { url, send: () => answers.shift() })).toStrictEqual({ status: 200 });
  });

  it("a response that cannot be discarded does not prevent the retry", async () => {
    const { auth, url } = await setUp([envToken], fileToken, envToken);
    const broken = {
      status: 401,
      get body() {
        throw new Error("gone");
      },
    };
    const answers = [broken, { status: 200 }];
    expect(await withAuth(auth, { url, send: () => answers.shift() })).toStrictEqual({ status: 200 });
  });

  it("isUnauthorized may recognize a client-specific 401", async () => {
    const { auth, url, storage } = await setUp([]);
    const send = async ({ Authorization }: AuthHeaders) => {
      storage.stored = rotatedToken;
      return Authorization === `Bearer ${rotatedToken}` ? "welcome" : "who are you?";
    };
    const isUnauthorized = (answer: unknown) => answer === "who are you?";
    expect(await withAuth(auth, { url, send, isUnauthorized })).toBe("welcome");
  });

  it("any other failure is passed on unchanged", async () => {
    const { auth, url } = await setUp([], fileToken, envToken);
    const failure = Object.assign(new Error("down"), { status: 503 });
    let tries = 0;
    const send = () => {
      tries += 1;
      throw failure;
    };
    await expect(withAuth(auth, { url, send })).rejects.toBe(failure);
    expect(tries).toBe(1);
  });

  it("the other token is not sent to the old platform after the configuration changed", async () => {
    const { auth, url, env, storage, sent } = await setUp([]);
    const send = async (headers: AuthHeaders) => {
      const answer = await fetch(url, { headers });
      env.PLATFORM_URL = "https://moved.example";
      storage.stored = rotatedToken;
      return answer;
    };
    expect((await withAuth(auth, { url, send })).status).toBe(401);
    expect(sent()).toStrictEqual([fileToken]);
  });
});
