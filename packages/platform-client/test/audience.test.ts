import { describe, expect, it } from "vitest";
import type { FetchLike } from "../src/index.ts";
import { ID, NEW_TOKEN, OTHER_ID, TOKEN, workspaceAt } from "./support/client.ts";
import { startServer, unauthorized } from "./support/server.ts";

const ok = () => startServer(() => [200, { status: "ok" }]);

describe("a token is sent to its own platform only", () => {
  it("once another platform is configured, nothing is sent to either", async () => {
    const [first, second] = [await ok(), await ok()];
    const { client, env } = workspaceAt(first.origin);
    expect(await client.heartbeat()).toMatchObject({ ok: true });
    env.PLATFORM_URL = second.origin;
    expect(await client.heartbeat()).toMatchObject({
      ok: false,
      failure: { kind: "invalid", code: "PLATFORM_CHANGED", sent: "no" },
    });
    env.PLATFORM_URL = "";
    expect(await client.heartbeat()).toMatchObject({
      ok: false,
      failure: { code: "PLATFORM_UNKNOWN", sent: "no" },
    });
    env.PLATFORM_URL = "nonsense";
    expect(await client.heartbeat()).toMatchObject({ ok: false, failure: { code: "PLATFORM_URL_INVALID" } });
    env.PLATFORM_URL = first.origin.toUpperCase();
    expect(await client.heartbeat()).toMatchObject({ ok: true });
    expect([first.received.length, second.received.length]).toEqual([2, 0]);
  });

  it.each(["while headers are made", "while a 401 is recovered"])("also when it changes %s", async (when) => {
    const [first, second] = [await startServer(() => unauthorized), await ok()];
    const { auth, env } = workspaceAt(first.origin);
    const change = () => {
      env.PLATFORM_URL = second.origin;
    };
    const moving = {
      ...auth,
      async authHeaders(id?: string | null) {
        const headers = await auth.authHeaders(id);
        if (when === "while headers are made") change();
        return headers;
      },
      async recover() {
        change();
        return { Origin: first.origin, Authorization: `Bearer ${NEW_TOKEN}` };
      },
    };
    const { client } = workspaceAt(first.origin, { auth: moving });
    expect(await client.state()).toMatchObject({
      ok: false,
      failure: { code: "PLATFORM_CHANGED", sent: "no" },
    });
    expect(first.received).toHaveLength(when === "while headers are made" ? 0 : 1);
    expect(second.received).toEqual([]);
  });

  it.each([
    ["is configured", {}],
    ["is the registered workspace's", { platformUrl: "https://a.example" }],
  ])("nor is one that arrives in an answer once another platform %s", async (_, options) => {
    const [a, b] = ["https://a.example", "https://b.example"];
    let answer = () => {};
    const fetch: FetchLike = () =>
      new Promise((resolve) => {
        answer = () => resolve(Response.json({ connection: { workspace_id: ID, auth_token: NEW_TOKEN } }));
      });
    const { auth, env, client } = workspaceAt(a, { fetch });
    auth.registerWorkspaceToken(ID, TOKEN, options);
    const rotating = client.rotate();
    await Promise.resolve();
    env.PLATFORM_URL = b;
    if ("platformUrl" in options)
      auth.registerWorkspaceToken(ID, "token-of-b-0123456789", { platformUrl: b });
    const before = await auth.authHeaders(ID);
    answer();
    expect(await rotating).toMatchObject({ value: { unsaved: { code: "TOKEN_INVALID" } } });
    expect(await auth.authHeaders(ID)).toEqual(before);
    expect(before).not.toMatchObject({ Authorization: `Bearer ${TOKEN}` });
  });

  it("a redirect is not followed, not even within the platform", async () => {
    const elsewhere = await ok();
    for (const target of [elsewhere.origin, ""]) {
      const { origin, received } = await startServer(() => [307, undefined, { location: `${target}/x` }]);
      const result = await workspaceAt(origin).client.heartbeat();
      expect(result).toMatchObject({
        failure: { kind: "routing_error", code: "REDIRECTED", redirectOrigin: target || origin, sent: "no" },
      });
      expect(received).toHaveLength(1);
    }
    expect(elsewhere.received).toEqual([]);
  });

  it("a redirect hidden by a browser is recognized", async () => {
    const fetch: FetchLike = async (_, { redirect }) => {
      expect(redirect).toBe("manual");
      return { status: 0, headers: { get: () => null }, body: null };
    };
    const result = await workspaceAt("https://p.example", { fetch }).client.heartbeat();
    expect(result).toMatchObject({ failure: { kind: "routing_error", code: "REDIRECTED", status: 0 } });
  });

  it("a token in a redirect's host name is not printed", async () => {
    const { origin } = await startServer(() => [302, undefined, { location: `https://${TOKEN}.example/` }]);
    const result = await workspaceAt(origin).client.heartbeat();
    expect(result).toMatchObject({ ok: false, failure: { code: "REDIRECTED" } });
    expect(JSON.stringify(result).toLowerCase()).not.toContain(TOKEN.slice(0, 12).toLowerCase());
  });
});

describe("a 401", () => {
  const lettingIn = (token: string) =>
    startServer((request) => {
      if (request.token === token) return [200, { status: "ok", paused: false, workspace_id: ID }];
      return unauthorized;
    });

  it("incident 6, 7: is retried once with the token stored now, and the same request", async () => {
    const { origin, received } = await lettingIn(NEW_TOKEN);
    const recovered: unknown[] = [];
    const { client, storage } = workspaceAt(origin, { onTokenRecovered: (event) => recovered.push(event) });
    expect(await client.heartbeat({ currentTask: "x" })).toMatchObject({
      failure: { kind: "unauthorized", code: "TOKEN_REJECTED", sent: "no" },
    });
    await storage.write(NEW_TOKEN);
    expect(await client.heartbeat({ currentTask: "x" })).toMatchObject({ ok: true });
    expect(received.map(({ token }) => token)).toEqual([TOKEN, TOKEN, NEW_TOKEN]);
    expect(received[2]?.body).toEqual(received[1]?.body);
    expect(recovered).toEqual([{ workspaceId: ID, platformOrigin: origin }]);
  });

  it("for the new token as well is final: no third try", async () => {
    const { origin, received } = await startServer(() => unauthorized);
    const { client } = workspaceAt(origin, { env: { MOLECULE_WORKSPACE_TOKEN: NEW_TOKEN } });
    expect(await client.register({ agentCard: {} })).toMatchObject({ failure: { kind: "unauthorized" } });
    expect(received.map(({ token }) => token)).toEqual([TOKEN, NEW_TOKEN]);
  });

  it("to a message is the platform's only if another route confirms it", async () => {
    const { origin, paths, received } = await lettingIn(NEW_TOKEN);
    const { client } = workspaceAt(origin, { env: { MOLECULE_WORKSPACE_TOKEN: NEW_TOKEN } });
    expect(await client.sendMessage({ to: OTHER_ID, text: "hi" })).toMatchObject({ ok: true });
    const message = `POST /workspaces/${OTHER_ID}/a2a`;
    const state = `GET /workspaces/${ID}/state`;
    expect(paths()).toEqual([message, state, state, message]);
    expect(received[3]?.body).toEqual(received[0]?.body);
  });

  it("of a receiver does not make the workspace drop its token", async () => {
    const { origin, received } = await startServer(({ path }) =>
      path.endsWith("/a2a") ? [401, { error: "invalid caller auth token" }] : [200, { status: "online" }],
    );
    const { client, auth } = workspaceAt(origin, { env: { MOLECULE_WORKSPACE_TOKEN: NEW_TOKEN } });
    expect(await client.sendMessage({ to: OTHER_ID, text: "hi" })).toMatchObject({
      ok: false,
      failure: { kind: "forbidden", code: "RECEIVER_UNAUTHORIZED" },
    });
    expect(await auth.refreshCache()).toBe(TOKEN);
    expect(received.map(({ token }) => token)).toEqual([TOKEN, TOKEN]);
  });
});
