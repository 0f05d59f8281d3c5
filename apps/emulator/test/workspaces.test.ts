import { describe, expect, it } from "vitest";
import { describeEvent } from "../src/describe-event.ts";
import { ask, bearer, fakeClock, field, heartbeat, join, start } from "./support.ts";

describe.each(["v1", "v2"] as const)("what a workspace asks for, contract %s", (contract) => {
  it("is healthy, and only under that name", async () => {
    const emulator = await start({ contract });
    const health = await ask(emulator, "/health");
    expect([health.status, health.json]).toEqual([200, { status: "ok" }]);
    expect((await ask(emulator, "/healthz")).status).toBe(404);
  });

  it("shows a workspace to anyone, without a secret", async () => {
    const emulator = await start({ contract, clock: fakeClock() });
    const token = await join(emulator);
    await heartbeat(emulator, token, { current_task: "reading" });
    const answer = await ask(emulator, "/workspaces/agent");
    expect(answer.json).toMatchObject({
      id: "agent",
      status: "online",
      url: "http://localhost:9000",
      agent_card: { name: "agent" },
      last_heartbeat_at: "2026-01-01T00:00:00.000Z",
    });
    expect(answer.text).not.toContain(token.slice(0, 8));
  });

  it("tells an id that is wrong from one that it does not know", async () => {
    const emulator = await start({ contract });
    const wrong = await ask(emulator, "/workspaces/Not%20An%20Id");
    expect([wrong.status, wrong.json]).toEqual([400, { error: "invalid workspace ID" }]);
    const unknown = await ask(emulator, `/workspaces/${"a".repeat(128)}`);
    expect([unknown.status, unknown.json]).toEqual([404, { error: "workspace not found" }]);
  });

  it("says that a workspace was removed", async () => {
    const clock = fakeClock();
    const emulator = await start({ contract, clock });
    await join(emulator);
    clock.advance(5_000);
    emulator.remove("agent");
    const answer = await ask(emulator, "/workspaces/agent");
    if (contract === "v1") {
      expect(answer.status).toBe(200);
      expect(answer.json).toMatchObject({ id: "agent", status: "removed" });
    } else {
      expect(answer.status).toBe(410);
      expect(answer.json).toEqual({
        error: "workspace removed",
        id: "agent",
        removed_at: "2026-01-01T00:00:05.000Z",
        hint: "Regenerate workspace + token from the canvas → Tokens tab",
      });
    }
  });

  it("lists delegations newest first, at most 50, also those without a delegation_id", async () => {
    const clock = fakeClock();
    const emulator = await start({ contract, clock });
    const headers = bearer(await join(emulator));
    const none = await ask(emulator, "/workspaces/agent/delegations", { headers });
    expect([none.status, none.json]).toEqual([200, []]);
    for (let n = 0; n < 60; n++) {
      clock.advance(1_000);
      emulator.addDelegation("agent", { id: `row-${n}`, ...(n % 2 === 0 && { delegation_id: `d-${n}` }) });
    }
    emulator.addDelegation("agent", {
      id: "late",
      created_at: "2025-01-01T00:00:00Z",
      source_id: "stranger",
    });
    const { json } = await ask(emulator, "/workspaces/agent/delegations", { headers });
    expect(json).toHaveLength(50);
    expect(json).toMatchObject([
      { id: "row-59", type: "delegation", source_id: "agent", target_id: "", status: "completed" },
      { id: "row-58", delegation_id: "d-58", created_at: "2026-01-01T00:00:59.000Z" },
      ...Array.from({ length: 48 }, () => ({})),
    ]);
    expect(field(Array.isArray(json) && json[0], "delegation_id")).toBeUndefined();
  });

  it("lists, mints and revokes tokens, showing each only once", async () => {
    const emulator = await start({ contract, clock: fakeClock() });
    const token = await join(emulator);
    const minted = await ask(emulator, "/workspaces/agent/tokens", {
      method: "POST",
      headers: bearer(token),
    });
    expect(minted.status).toBe(201);
    expect(minted.json).toMatchObject({ workspace_id: "agent", message: expect.any(String) });
    const second = String(field(minted.json, "auth_token"));

    const listed = await ask(emulator, "/workspaces/agent/tokens", { headers: bearer(second) });
    const at = "2026-01-01T00:00:00.000Z";
    expect(listed.json).toEqual({
      tokens: [
        { id: expect.any(String), prefix: second.slice(0, 8), created_at: at, last_used_at: at },
        { id: expect.any(String), prefix: token.slice(0, 8), created_at: at, last_used_at: at },
      ],
      count: 2,
    });
    expect(listed.text).not.toContain(second);

    const rows = field(listed.json, "tokens");
    const path = `/workspaces/agent/tokens/${field(Array.isArray(rows) && rows[1], "id")}`;
    const revoke = () => ask(emulator, path, { method: "DELETE", headers: bearer(second) });
    expect((await revoke()).json).toEqual({ status: "revoked" });
    const again = await revoke();
    expect([again.status, again.json]).toEqual([404, { error: "token not found or already revoked" }]);
    expect((await heartbeat(emulator, token)).status).toBe(401);
    expect((await heartbeat(emulator, second)).status).toBe(200);
  });

  it("mints no more than 50 live tokens for one workspace", async () => {
    const emulator = await start({ contract });
    const token = await join(emulator);
    for (let n = 1; n < 50; n++) emulator.issue("agent");
    const answer = await ask(emulator, "/workspaces/agent/tokens", {
      method: "POST",
      headers: bearer(token),
    });
    expect([answer.status, answer.json]).toEqual([429, { error: "maximum 50 active tokens per workspace" }]);
  });
});

describe.each(["v1", "v2"] as const)("messages to agents, contract %s", (contract) => {
  const message = { jsonrpc: "2.0", id: 7, method: "message/send", params: {} };

  it("are delivered to an agent that is online", async () => {
    const emulator = await start({ contract });
    const token = await join(emulator);
    const answer = await ask(emulator, "/workspaces/agent/a2a", { body: message, headers: bearer(token) });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ jsonrpc: "2.0", id: 7 });
  });

  it("need the token of the workspace that X-Workspace-ID names", async () => {
    const emulator = await start({ contract });
    const receiver = await join(emulator);
    const sender = await join(emulator, "sender");
    const send = async (token: string, from: string) => {
      const headers = { ...bearer(token), "x-workspace-id": from };
      return (await ask(emulator, "/workspaces/agent/a2a", { body: message, headers })).status;
    };
    expect(await send(sender, "sender")).toBe(200);
    expect(await send(receiver, "sender")).toBe(401);
    expect(await send(sender, "agent")).toBe(401);
    expect(await send(receiver, "agent")).toBe(200);
  });

  it("find out when the receiver is down, unknown or removed", async () => {
    const clock = fakeClock();
    const emulator = await start({ contract, clock });
    const sender = await join(emulator, "sender");
    await join(emulator);
    clock.advance(200_000);
    const send = async (to: string) => {
      const headers = { ...bearer(sender), "x-workspace-id": "sender" };
      const { status, json } = await ask(emulator, `/workspaces/${to}/a2a`, { body: message, headers });
      return [status, json];
    };
    expect(await send("agent")).toEqual([503, { error: "workspace agent unreachable", restarting: true }]);
    expect(await send("nobody")).toEqual([404, { error: "workspace not found" }]);
    emulator.remove("agent");
    expect(await send("agent")).toEqual([404, { error: "workspace not found" }]);
  });

  it("must be JSON objects", async () => {
    const emulator = await start({ contract });
    const headers = bearer(await join(emulator));
    for (const body of ["{", "[]", "7"]) {
      const answer = await ask(emulator, "/workspaces/agent/a2a", { body, headers });
      expect([answer.status, answer.json]).toEqual([400, { error: "invalid request body" }]);
    }
  });
});

it("a message to an agent that polls is queued, which is no failure (v2)", async () => {
  const emulator = await start();
  const token = await join(emulator, "agent", { url: "", delivery_mode: "poll" });
  const answer = await ask(emulator, "/workspaces/agent/a2a", { body: {}, headers: bearer(token) });
  expect([answer.status, field(answer.json, "queued")]).toEqual([202, true]);
});

it("a message is emitted with its source: a person, when no workspace is named", async () => {
  const emulator = await start();
  const told: string[] = [];
  emulator.subscribe((event) => event.type === "message" && told.push(describeEvent(event).slice(14)));
  const [polling, sender] = [
    await join(emulator, "polling", { url: "", delivery_mode: "poll" }),
    await join(emulator),
  ];
  await ask(emulator, "/workspaces/polling/a2a", { body: {}, headers: bearer(polling) });
  const headers = { ...bearer(sender), "x-workspace-id": "agent" };
  await ask(emulator, "/workspaces/polling/a2a", { body: {}, headers });
  await ask(emulator, "/workspaces/agent/a2a", { body: {}, headers });
  await ask(emulator, "/workspaces/nobody/a2a", { body: {}, headers });
  expect(told).toEqual([
    "polling got a message from a person, queued",
    "polling got a message from agent, queued",
    "agent got a message from agent",
  ]);
});
