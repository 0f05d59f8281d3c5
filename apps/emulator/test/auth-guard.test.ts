import { describe, expect, it } from "vitest";
import { AGENT, OTHER } from "./ids.ts";
import { ask, bearer, heartbeat, join, joined, registration, resultOf, start } from "./support.ts";

const MISSING = [401, { error: "missing workspace auth token" }];
const INVALID = [401, { error: "invalid workspace auth token" }];

const posts = [
  ["/registry/register", registration(AGENT)],
  ["/registry/heartbeat", { workspace_id: AGENT }],
  ["/registry/update-card", { workspace_id: AGENT, agent_card: {} }],
] as const;

describe.each(["v1", "v2"] as const)("the auth guard, contract %s", (contract) => {
  it.each(posts)("accepts a workspace without a live token at %s", async (path, body) => {
    const emulator = await start({ contract });
    expect((await ask(emulator, path, { body })).status).toBe(200);
    expect((await ask(emulator, path, { body, headers: bearer("stale") })).status).toBe(
      path === "/registry/register" ? 401 : 200,
    );
  });

  it.each(posts)("requires the token of a workspace that has a live one at %s", async (path, body) => {
    const { emulator, token } = await joined({ contract });
    const other = await join(emulator, OTHER);
    const answers = await Promise.all(
      [{}, bearer("wrong"), bearer(other), bearer(token)].map(async (headers) => {
        const answer = await ask(emulator, path, { body, headers });
        return [answer.status, answer.status === 200 ? null : answer.json];
      }),
    );
    expect(answers).toEqual([MISSING, INVALID, INVALID, [200, null]]);
  });

  it.each([
    ["bearer in lower case", (token: string) => `bearer ${token}`],
    ["another scheme", (token: string) => `Basic ${token}`],
    ["no scheme", (token: string) => token],
    ["no token", () => "Bearer "],
    ["nothing", () => ""],
  ])("treats %s as a missing token", async (_what, header) => {
    const { emulator, token } = await joined({ contract });
    const answer = await ask(emulator, "/registry/heartbeat", {
      body: { workspace_id: AGENT },
      headers: { authorization: header(token) },
    });
    expect([answer.status, answer.json]).toEqual(MISSING);
  });

  it("reads the body before it checks the token", async () => {
    const emulator = await start({ contract });
    await join(emulator);
    expect((await heartbeat(emulator, undefined, { uptime_seconds: 0.5 })).status).toBe(400);
  });

  it("accepts any of several live tokens, but no revoked one", async () => {
    const emulator = await start({ contract });
    const first = await join(emulator);
    const second = emulator.issue(AGENT);
    expect([(await heartbeat(emulator, first)).status, (await heartbeat(emulator, second)).status]).toEqual([
      200, 200,
    ]);
    const third = emulator.rotate(AGENT);
    const statuses = [];
    for (const token of [first, second, third]) statuses.push((await heartbeat(emulator, token)).status);
    expect(statuses).toEqual([401, 401, 200]);
  });

  it.each([
    ["GET", `/workspaces/${AGENT}/delegations`],
    ["GET", `/workspaces/${AGENT}/tokens`],
    ["POST", `/workspaces/${AGENT}/tokens`],
    ["DELETE", `/workspaces/${AGENT}/tokens/some`],
    ["GET", `/workspaces/${AGENT}/activity`],
    ["POST", `/workspaces/${AGENT}/notify`],
    ["POST", `/workspaces/${AGENT}/delegate`],
  ])("requires a token at %s %s, even of a workspace without one", async (method, path) => {
    const emulator = await start({ contract });
    expect(resultOf(await ask(emulator, path, { method }))).toEqual(MISSING);
    expect(resultOf(await ask(emulator, path, { method, headers: bearer("wrong") }))).toEqual(INVALID);
    const other = await join(emulator, OTHER);
    expect(resultOf(await ask(emulator, path, { method, headers: bearer(other) }))).toEqual(INVALID);
  });

  it("treats a token of 20,000 characters as invalid, not as a malformed request", async () => {
    const emulator = await start({ contract });
    await join(emulator);
    expect((await heartbeat(emulator, "x".repeat(20_000))).status).toBe(401);
  });

  it("emits unauthorized requests with workspace and reason", async () => {
    const emulator = await start({ contract });
    await join(emulator);
    const seen: unknown[] = [];
    emulator.subscribe((event) => seen.push(event));
    await heartbeat(emulator);
    await heartbeat(emulator, "wrong");
    expect(seen).toMatchObject([
      { type: "unauthorized", workspaceId: AGENT, path: "/registry/heartbeat", reason: "missing" },
      { type: "unauthorized", workspaceId: AGENT, path: "/registry/heartbeat", reason: "invalid" },
    ]);
  });
});

describe("strict", () => {
  it("incident 3: rejects unsigned requests once a token was issued, even if none is live", async () => {
    const { emulator, token } = await joined({ strict: true });
    emulator.revoke(AGENT);
    for (const [path, body] of posts) {
      expect(resultOf(await ask(emulator, path, { body }))).toEqual(MISSING);
    }
    expect((await heartbeat(emulator, token)).status).toBe(200);
  });

  it("accepts a workspace that never had a token", async () => {
    const emulator = await start({ strict: true });
    expect((await heartbeat(emulator)).status).toBe(200);
    expect((await ask(emulator, "/registry/register", { body: registration(AGENT) })).status).toBe(200);
  });
});
