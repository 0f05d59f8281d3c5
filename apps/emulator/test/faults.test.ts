import { once } from "node:events";
import { createConnection } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Emulator } from "../src/index.ts";
import { AGENT, NOBODY as NEW, OTHER } from "./ids.ts";
import { ask, bearer, field, heartbeat, join, joined, registration, start } from "./support.ts";

const failure = (answer: Promise<unknown>) =>
  answer.then(
    () => null,
    (error: unknown) => field(error, "code"),
  );

describe("an outage", () => {
  it("of the kind refuse resets connections, and the controls still answer", async () => {
    const emulator = await start();
    emulator.outage({ kind: "refuse" });
    expect(await failure(heartbeat(emulator))).toBe("ECONNRESET");
    expect(await failure(ask(emulator, "/no/such/route"))).toBe("ECONNRESET");
    expect((await ask(emulator, "/emulator/state")).json).toMatchObject({ outage: { kind: "refuse" } });
    emulator.outage(null);
    expect((await heartbeat(emulator)).status).toBe(200);
  });

  it("of the kind refuse drops idle client connections", async () => {
    const emulator = await start();
    const { hostname, port } = new URL(emulator.url);
    const socket = createConnection({ host: hostname, port: Number(port) });
    onTestFinished(() => void socket.destroy());
    const closed = once(socket, "close");
    socket.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(socket.resume(), "data");
    while (emulator.requests[0]?.status !== 200) await turn();
    expect(socket.destroyed).toBe(false);
    emulator.outage({ kind: "refuse" });
    await closed;
  });

  it("of the kind hang accepts requests and never answers, until the emulator closes", async () => {
    const emulator = await start();
    emulator.outage({ kind: "hang" });
    const hanging = failure(heartbeat(emulator));
    await seen(emulator, 1);
    await emulator.close();
    expect(await hanging).toBe("ECONNRESET");
    expect(emulator.requests).toMatchObject([{ path: "/registry/heartbeat", status: null }]);
  });

  it.each([
    [401, '{"error":"invalid workspace auth token"}'],
    [403, ""],
    [404, ""],
    [429, '{"error":"rate limit exceeded","retry_after":7}'],
    [500, '{"error":"internal server error"}'],
    [502, '{"error":"bad gateway"}'],
    [503, '{"error":"platform unavailable","code":"platform_unavailable"}'],
    [530, "error code: 1033"],
  ])("answers %i as the platform or its edge does", async (status, body) => {
    const emulator = await start();
    emulator.outage({ kind: "status", status, retryAfterSeconds: 7 });
    const answer = await heartbeat(emulator);
    expect([answer.status, answer.text, answer.headers["retry-after"]]).toEqual([status, body, "7"]);
  });

  it("answers with a custom body", async () => {
    const emulator = await start();
    emulator.outage({ kind: "status", status: 503, body: '{"busy":true}', retryAfterSeconds: 3 });
    const answer = await heartbeat(emulator);
    expect([answer.json, answer.headers["content-type"]]).toEqual([
      { busy: true },
      "application/json; charset=utf-8",
    ]);
    emulator.outage({ kind: "status", status: 200, body: "<html>" });
    expect((await heartbeat(emulator)).headers["content-type"]).toContain("text/plain");
  });

  it("keeps requests from the platform, including its rate limit", async () => {
    const emulator = await start({ rateLimit: { max: 2, windowMs: 60_000 } });
    emulator.outage({ kind: "status", status: 503 });
    await heartbeat(emulator);
    await ask(emulator, "/registry/register", { body: registration(AGENT) });
    emulator.outage(null);
    const counted = await ask(emulator, "/health");
    expect([counted.status, counted.headers["x-ratelimit-remaining"]]).toEqual([200, "1"]);
    expect(emulator.workspaces()).toEqual([]);
  });

  it("of the kind lose-response drops the answer, although the request was processed", async () => {
    const emulator = await start();
    emulator.outage({ kind: "lose-response" });
    const lost = ask(emulator, "/registry/register", { body: registration(AGENT) });
    expect(await failure(lost)).toBe("ECONNRESET");
    emulator.outage(null);
    expect(emulator.workspaces()).toMatchObject([{ id: AGENT, registers: 1, liveTokens: 1 }]);
    expect(emulator.requests).toMatchObject([{ path: "/registry/register", status: null }]);
    expect((await heartbeat(emulator)).status).toBe(401);
  });

  it("ends after the given number of requests", async () => {
    const emulator = await start();
    const seenEvents: unknown[] = [];
    emulator.subscribe((event) => event.type === "outage" && seenEvents.push(event.fault));
    emulator.outage({ kind: "status", status: 530 }, { forRequests: 2 });
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await heartbeat(emulator)).status);
    expect(statuses).toEqual([530, 530, 200, 200]);
    expect(seenEvents).toEqual([{ kind: "status", status: 530 }, null]);
  });

  it("affects only the given paths, and counts only those", async () => {
    const emulator = await start();
    const paths = ["/registry/heartbeat", "/workspaces/*/delegations"];
    emulator.outage({ kind: "status", status: 502 }, { paths, forRequests: 2 });
    const statuses = [];
    for (const path of [
      "/health",
      `/workspaces/${AGENT}/delegations`,
      `/workspaces/${AGENT}`,
      "/registry/heartbeat/x",
    ]) {
      statuses.push((await ask(emulator, path)).status);
    }
    statuses.push((await heartbeat(emulator)).status, (await heartbeat(emulator)).status);
    expect(statuses).toEqual([200, 502, 404, 404, 502, 200]);
  });

  it.each([
    ["status", { kind: "status", status: 199 } as const, {}],
    ["status", { kind: "status", status: 600 } as const, {}],
    ["retryAfterSeconds", { kind: "status", status: 500, retryAfterSeconds: -1 } as const, {}],
    ["forRequests", { kind: "hang" } as const, { forRequests: 0 }],
  ])("throws an error that names an invalid %s", async (name, fault, scope) => {
    const emulator = await start();
    expect(() => emulator.outage(fault, scope)).toThrow(new RegExp(`^${name}: `));
  });
});

describe("latency", () => {
  it("delays every answer but those of the controls", async () => {
    const emulator = await start();
    emulator.latency(2_000_000_000);
    const slow = failure(heartbeat(emulator));
    await seen(emulator, 1);
    expect((await ask(emulator, "/emulator/state")).json).toMatchObject({ latency_ms: 2_000_000_000 });
    expect(emulator.requests).toMatchObject([{ status: null }]);
    emulator.latency(1);
    expect((await heartbeat(emulator)).status).toBe(200);
    await emulator.close();
    await slow;
    expect(() => emulator.latency(-1)).toThrow(/^latency: /);
  });
});

describe("a rotation", () => {
  it("revokes every live token and returns the new one", async () => {
    const emulator = await start();
    const [old, another] = [await join(emulator), emulator.issue(AGENT)];
    const fresh = emulator.rotate(AGENT);
    for (const [token, status] of [
      [old, 401],
      [another, 401],
      [fresh, 200],
    ] as const) {
      expect((await heartbeat(emulator, token)).status).toBe(status);
    }
    expect(() => emulator.rotate("NO")).toThrow(/^id: /);
  });
});

describe("scripted answers", () => {
  it("incident 1: deliver an unsolicited token with the next heartbeat, once", async () => {
    const { emulator, token } = await joined();
    const pushed = emulator.pushToken(AGENT);
    expect((await heartbeat(emulator, token)).json).toMatchObject({ status: "ok", auth_token: pushed });
    expect(field((await heartbeat(emulator, pushed)).json, "auth_token")).toBeUndefined();
  });

  it("incident 16: include a secret in any registry answer, once", async () => {
    const { emulator, token } = await joined();
    emulator.nextResponseExtras(AGENT, { platform_inbound_secret: "s3cret" });
    emulator.nextResponseExtras(AGENT, { generation: 4 });
    expect((await ask(emulator, "/health")).json).toEqual({ status: "ok" });
    expect((await heartbeat(emulator)).status).toBe(401);
    expect((await heartbeat(emulator, token)).json).toEqual({
      status: "ok",
      platform_inbound_secret: "s3cret",
      generation: 4,
    });
    expect((await heartbeat(emulator, token)).text).not.toContain("s3cret");
    emulator.nextResponseExtras(NEW, { platform_inbound_secret: "s3cret" });
    const registered = await ask(emulator, "/registry/register", { body: registration(NEW) });
    expect(registered.json).toMatchObject({ platform_inbound_secret: "s3cret" });
    emulator.nextResponseExtras(AGENT, { auth_token: OTHER });
    const card = { workspace_id: AGENT, agent_card: {} };
    const updated = await ask(emulator, "/registry/update-card", { body: card, headers: bearer(token) });
    expect(updated.json).toEqual({ status: "updated", auth_token: OTHER });
  });
});

/** Settles when this many requests have arrived, by turns of the event loop rather than time. */
async function seen(emulator: Emulator, count: number): Promise<void> {
  while (emulator.requests.length < count) await turn();
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
