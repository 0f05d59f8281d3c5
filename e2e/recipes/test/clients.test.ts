import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { id, type Platform, startPlatform } from "../src/platform.ts";
import { type Made, promised, run } from "../src/run.ts";

/** A recipe's client: a GET, and its status. */
type Get = (url: string) => Promise<number>;

interface Client {
  readonly names: readonly string[];
  readonly get: (made: Made) => Get;
}

const status = async (response: Promise<{ status: number }>) => (await response).status;

/** Clients that are called like `fetch`. */
const likeFetch: Client = { names: ["platform"], get: (made) => (url) => status(made.platform(url)) };

const clients: Record<string, Client> = {
  fetch: likeFetch,
  ky: likeFetch,
  OpenTelemetry: likeFetch,
  axios: { names: ["platform"], get: (made) => (url) => status(made.platform.get(url)) },
  got: { names: ["get"], get: (made) => async (url) => (await made.get(url)).statusCode },
  "node:http": { names: ["get"], get: (made) => async (url) => (await made.get(url)).resume().statusCode },
  undici: {
    names: ["dispatcher"],
    get: (made) => async (url) => {
      const { statusCode, body } = await request(url, { dispatcher: made.dispatcher });
      await body.dump();
      return statusCode;
    },
  },
};

const delegations = ({ url }: Platform) => `${url}/workspaces/${id}/delegations`;

describe.each(Object.entries(clients))("the recipe for %s", (name, { names, get }) => {
  it("prints the documented output, and still gets 200 after a rotation", async () => {
    const platform = await startPlatform();
    const { made, printed } = await run(name, names);
    expect(printed).toEqual(promised(name));
    platform.rotate();
    expect(await get(made)(delegations(platform))).toBe(200);
    await expect.poll(() => platform.statuses()).toEqual([200, 401, 200]);
  });

  it("sends no token to another origin, whether requested directly or by a redirect", async () => {
    const platform = await startPlatform();
    const { made } = await run(name, names);
    const send = get(made);
    expect(await send(`${platform.foreign.url}/x`)).toBe(200);
    expect(platform.foreign.received).toHaveLength(1);
    // Whether the client follows the redirect does not matter here.
    await send(platform.redirect).catch(() => null);
    await expect.poll(() => platform.statuses().slice(0, 2)).toEqual([200, 302]);
    for (const { authorization } of platform.foreign.received) expect(authorization).toBeUndefined();
  });
});

describe("the recipe for a pool", () => {
  it("prints the documented output, and still gets 200 after a rotation", async () => {
    const platform = await startPlatform();
    const { made, printed } = await run("A pool", ["pool", "path"]);
    expect(printed).toEqual(promised("A pool"));
    platform.rotate();
    const { statusCode, body } = await made.pool.request({ method: "GET", path: made.path });
    await body.dump();
    expect(statusCode).toBe(200);
    await expect.poll(() => platform.statuses()).toEqual([200, 401, 200]);
  });
});

it("bare authHeaders() gets a 401 after a rotation, as documented", async () => {
  const { url, rotate } = await startPlatform();
  const { createNodeAuth } = await import("@x/auth-node");
  const auth = createNodeAuth();
  const send = async () =>
    status(fetch(`${url}/workspaces/${id}/delegations`, { headers: { ...(await auth.authHeaders()) } }));
  expect(await send()).toBe(200);
  rotate();
  expect(await send()).toBe(401);
  expect(await send()).toBe(401);
});

it("these tests catch a client that signs every request", async () => {
  const { foreign } = await startPlatform();
  const auth = createAuth({ storage: memoryTokenStorage("a-token-of-the-platform") });
  await fetch(foreign.url, { headers: { ...(await auth.authHeaders()) } });
  expect(foreign.received.map(({ authorization }) => authorization)).not.toEqual([undefined]);
});
