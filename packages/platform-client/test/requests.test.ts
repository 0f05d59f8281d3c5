import { describe, expect, it } from "vitest";
import { ID, OTHER_ID, TOKEN, workspaceAt } from "./support/client.ts";
import { type Answer, startServer } from "./support/server.ts";

const ANSWERS: Record<string, Answer> = {
  "GET /health": [200, { status: "ok" }],
  "POST /registry/register": [200, { status: "registered", delivery_mode: "poll" }],
  "POST /registry/heartbeat": [200, { status: "ok", generation: 3 }],
  "POST /registry/update-card": [200, { status: "updated" }],
  [`GET /workspaces/${ID}`]: [200, { id: ID, name: "seven", status: "online", url: "", uptime_seconds: 5 }],
  [`GET /workspaces/${ID}/state`]: [
    200,
    { workspace_id: ID, status: "paused", paused: true, deleted: false },
  ],
  [`GET /workspaces/${ID}/activity`]: [200, [{ id: "r1", source_id: null, method: "message/send" }]],
  [`GET /workspaces/${ID}/delegations`]: [200, [{ id: "d", source_id: ID, status: "completed" }]],
  [`POST /workspaces/${OTHER_ID}/a2a`]: [200, { status: "queued", delivery_mode: "poll" }],
  [`POST /workspaces/${ID}/notify`]: [200, { status: "sent" }],
  [`GET /workspaces/${ID}/tokens`]: [
    200,
    { count: 1, tokens: [{ id: "t", prefix: "abcdefgh", created_at: "now" }] },
  ],
  [`DELETE /workspaces/${ID}/tokens/t%2F..`]: [200, { status: "revoked" }],
  [`GET /registry/${ID}/peers`]: [200, [{ id: OTHER_ID, name: "eight", status: "online", url: "" }]],
};

async function platform(base = "") {
  return startServer(({ method, path }) => {
    const [route = ""] = path.slice(base.length).split("?");
    return path.startsWith(base) ? (ANSWERS[`${method} ${route}`] ?? [404]) : [404];
  });
}

const unwrap = <T>(result: { ok: true; value: T } | { ok: false; failure: unknown }): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
};

describe("each route", () => {
  it("sends its method, path and body, and returns a typed value", async () => {
    const { origin, received, paths } = await platform();
    const { client } = workspaceAt(origin);
    const agentCard = { name: "Seven" };
    expect(client.platformOrigin).toBe(origin);
    expect(unwrap(await client.health())).toEqual({ status: "ok" });
    expect(unwrap(await client.register({ agentCard, deliveryMode: "poll" }))).toEqual({
      deliveryMode: "poll",
      tokenReceived: false,
    });
    expect(unwrap(await client.heartbeat({ uptimeSeconds: 9 }))).toEqual({
      tokenReceived: false,
      generation: 3,
    });
    expect(unwrap(await client.updateCard(agentCard))).toBeNull();
    expect(unwrap(await client.workspace({ includeRemoved: true }))).toMatchObject({
      name: "seven",
      status: "online",
    });
    expect(unwrap(await client.state())).toEqual({ status: "paused", paused: true, deleted: false });
    expect(unwrap(await client.activity({ type: "a2a_receive", limit: 5 }))).toMatchObject([{ id: "r1" }]);
    expect(unwrap(await client.delegations())).toMatchObject({ finished: [{ id: "d" }], foreign: [] });
    const message = { to: OTHER_ID, text: "hi", messageId: "m", metadata: { in_reply_to: "n" } };
    expect(unwrap(await client.sendMessage(message))).toMatchObject({
      outcome: "queued_for_poll",
      messageId: "m",
    });
    expect(unwrap(await client.notify({ message: "done" }))).toBeNull();
    expect(unwrap(await client.tokens.list())).toMatchObject([
      { id: "t", prefix: "abcdefgh", lastUsedAt: "" },
    ]);
    expect(unwrap(await client.tokens.revoke("t/.."))).toBeNull();
    expect(unwrap(await client.peers())).toMatchObject([{ id: OTHER_ID, name: "eight" }]);
    expect(unwrap(await client.delegations({ isKnown: (id) => id === "d" }))).toMatchObject({ finished: [] });

    expect(paths()).toEqual([
      "GET /health",
      "POST /registry/register",
      "POST /registry/heartbeat",
      "POST /registry/update-card",
      `GET /workspaces/${ID}?include_removed=true`,
      `GET /workspaces/${ID}/state`,
      `GET /workspaces/${ID}/activity?type=a2a_receive&limit=5`,
      `GET /workspaces/${ID}/delegations`,
      `POST /workspaces/${OTHER_ID}/a2a`,
      `POST /workspaces/${ID}/notify`,
      `GET /workspaces/${ID}/tokens`,
      `DELETE /workspaces/${ID}/tokens/t%2F..`,
      `GET /registry/${ID}/peers`,
      `GET /workspaces/${ID}/delegations`,
    ]);
    expect(received[1]?.body).toEqual({ id: ID, url: "", agent_card: agentCard, delivery_mode: "poll" });
    expect(received[2]?.body).toMatchObject({ workspace_id: ID, uptime_seconds: 9, runtime_metadata: {} });
    expect(received[3]?.body).toEqual({ workspace_id: ID, agent_card: agentCard });
    expect(received[8]?.body).toMatchObject({
      method: "message/send",
      params: {
        message: { messageId: "m", parts: [{ kind: "text", text: "hi" }], metadata: { in_reply_to: "n" } },
      },
    });
    expect(received[9]?.body).toEqual({ message: "done" });
  });

  it("shows no terminal control sequence as the beginning of a token", async () => {
    const prefixes = ["\u001b[2J\u001b[H", "a\nb", "\u202eabc", "abcd-_1~"];
    const { origin } = await startServer(() => [
      200,
      { tokens: prefixes.map((prefix) => ({ id: "t", prefix })) },
    ]);
    const tokens = unwrap(await workspaceAt(origin).client.tokens.list());
    expect(tokens.map(({ prefix }) => prefix)).toEqual(["", "", "", "abcd-_1~"]);
  });

  it("incident 3: is signed, and names the client; only a message names its sender", async () => {
    const { origin, received } = await platform();
    const { client } = workspaceAt(origin, { env: { MOLECULE_ORG_ID: "org-1" } });
    await Promise.all([
      client.health(),
      client.heartbeat(),
      client.workspace(),
      client.peers(),
      client.tokens.list(),
    ]);
    await client.sendMessage({ to: OTHER_ID, text: "hi" });
    expect(received).toHaveLength(6);
    for (const { headers, token, path } of received) {
      expect(token).toBe(TOKEN);
      expect(headers.origin).toBe(origin);
      expect(headers["x-molecule-org-id"]).toBe("org-1");
      expect(headers["user-agent"]).toMatch(/^x-platform-client\/\d+\.\d+\.\d+/);
      expect(headers["x-workspace-id"]).toBe(path.endsWith("/a2a") ? ID : undefined);
    }
  });

  it("is appended to the path of the base URL, with or without a trailing slash", async () => {
    const { origin, paths } = await platform("/edge/api");
    for (const url of [`${origin}/edge/api`, `${origin}/edge/api/`]) {
      expect(await workspaceAt(url).client.state()).toMatchObject({ ok: true });
    }
    expect(new Set(paths())).toEqual(new Set([`GET /edge/api/workspaces/${ID}/state`]));
  });

  it("is appended to a base URL that is a URL, as to its text", async () => {
    const { origin, paths } = await platform("/edge");
    const platformUrl = new URL(`${origin}/edge`) as unknown as string;
    expect(await workspaceAt(origin, { platformUrl }).client.state()).toMatchObject({ ok: true });
    expect(paths()).toEqual([`GET /edge/workspaces/${ID}/state`]);
  });

  it("sends the given user agent", async () => {
    const { origin, received } = await platform();
    await workspaceAt(origin, { userAgent: "heartbeat/1.2" }).client.health();
    expect(received[0]?.headers["user-agent"]).toBe("heartbeat/1.2");
    expect(() => workspaceAt(origin, { userAgent: "a\nb" })).toThrow(TypeError);
  });

  it("returns the platform's rate limit with its result, also with a failure", async () => {
    const headers = { "x-ratelimit-limit": "600", "x-ratelimit-remaining": "7", "x-ratelimit-reset": "30" };
    const rateLimit = { limit: 600, remaining: 7, resetAfterMs: 30_000 };
    const { origin } = await startServer(({ path }) => [path === "/health" ? 200 : 404, {}, headers]);
    const { client } = workspaceAt(origin);
    expect(await client.health()).toMatchObject({ ok: true, rateLimit });
    expect(await client.state()).toMatchObject({ ok: false, rateLimit });
  });
});

describe("a message", () => {
  it("has a random UUID if given no id, and its parts before its text", async () => {
    const { origin, received } = await platform();
    const { client } = workspaceAt(origin);
    const parts = [{ kind: "data", data: 1 }];
    const result = await client.sendMessage({ to: OTHER_ID.toUpperCase().toLowerCase(), text: "hi", parts });
    const { messageId } = unwrap(result);
    expect(messageId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(received[0]?.body).toMatchObject({
      params: { message: { messageId, parts: [...parts, { kind: "text", text: "hi" }] } },
    });
  });

  it("to an invalid workspace id is not sent", async () => {
    const { origin, received } = await platform();
    const result = await workspaceAt(origin).client.sendMessage({ to: "../admin", text: "hi" });
    expect(result).toMatchObject({
      ok: false,
      failure: { kind: "invalid", code: "WORKSPACE_ID_INVALID", sent: "no" },
    });
    expect(received).toEqual([]);
  });
});

describe("a response that makes no sense", () => {
  it.each([
    ["a list", []],
    ["an object without the properties", {}],
    ["null", null],
    ["a number", 7],
  ])("(%s) is a failure wherever a value is expected", async (_, body) => {
    const { origin } = await startServer(() => [200, body === null ? "null" : body]);
    const { client } = workspaceAt(origin);
    for (const ask of [
      () => client.workspace(),
      () => client.state(),
      () => client.tokens.list(),
      () => client.rotate(),
    ]) {
      expect(await ask()).toMatchObject({
        ok: false,
        failure: { kind: "invalid", code: "RESPONSE_UNEXPECTED" },
      });
    }
  });
});

it("a client is not created for an invalid platform, workspace or timeout", () => {
  expect(() => workspaceAt("ftp://p.example")).toThrow(
    expect.objectContaining({ code: "PLATFORM_URL_INVALID" }),
  );
  const platformUrl = "https://p.example";
  expect(() => workspaceAt(platformUrl, { workspaceId: "../a" })).toThrow(
    expect.objectContaining({ code: "WORKSPACE_ID_INVALID" }),
  );
  expect(() => workspaceAt(platformUrl, { timeoutMs: 0 })).toThrow(TypeError);
});
