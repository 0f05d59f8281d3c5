import { describe, expect, it } from "vitest";
import { AGENT } from "./ids.ts";
import { ask, bearer, field, heartbeat, join, joined, registration, resultOf, start } from "./support.ts";

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

describe.each(["v1", "v2"] as const)("the registry, contract %s", (contract) => {
  it("issues a token at the first registration and never again", async () => {
    const emulator = await start({ contract });
    const first = await ask(emulator, "/registry/register", { body: registration(AGENT) });
    const token = String(field(first.json, "auth_token"));
    expect(first.status).toBe(200);
    expect(field(first.json, "status")).toBe("registered");
    expect(token).toMatch(TOKEN);
    const again = await ask(emulator, "/registry/register", {
      body: registration(AGENT),
      headers: bearer(token),
    });
    expect(again.status).toBe(200);
    const secret = expect.stringMatching(TOKEN);
    expect(again.json).toEqual(
      contract === "v2"
        ? { status: "registered", delivery_mode: "push", platform_inbound_secret: secret }
        : { status: "registered" },
    );
  });

  it("accepts a heartbeat and stores every field", async () => {
    const { emulator, token } = await joined({ contract });
    const answer = await heartbeat(emulator, token, {
      error_rate: 0.25,
      sample_error: "timeout",
      active_tasks: 3,
      uptime_seconds: 120,
      current_task: "reading",
      monthly_spend: 1500,
      runtime_state: "",
      runtime_metadata: { capabilities: { retry: true } },
      something_new: [1, 2, 3],
    });
    expect([answer.status, field(answer.json, "status")]).toEqual([200, "ok"]);
    expect(emulator.workspaces()).toMatchObject([
      {
        id: AGENT,
        errorRate: 0.25,
        sampleError: "timeout",
        activeTasks: 3,
        uptimeSeconds: 120,
        currentTask: "reading",
        monthlySpend: 1500,
        runtimeMetadata: { capabilities: { retry: true } },
        heartbeats: 1,
        registers: 1,
      },
    ]);
  });

  it("overwrites missing fields of a heartbeat with zero values", async () => {
    const { emulator, token } = await joined({ contract });
    await heartbeat(emulator, token, {
      error_rate: 0.3,
      active_tasks: 3,
      current_task: "reading",
      uptime_seconds: 9,
    });
    await heartbeat(emulator, token, { sample_error: null });
    expect(emulator.workspaces()).toMatchObject([
      { errorRate: 0, activeTasks: 0, currentTask: "", uptimeSeconds: 0, sampleError: "", heartbeats: 2 },
    ]);
  });

  it("replaces the agent card", async () => {
    const { emulator, token } = await joined({ contract });
    const answer = await ask(emulator, "/registry/update-card", {
      body: { workspace_id: AGENT, agent_card: ["any", "JSON"] },
      headers: bearer(token),
    });
    expect([answer.status, answer.json]).toEqual([200, { status: "updated" }]);
    expect(emulator.workspaces()).toMatchObject([{ agentCard: ["any", "JSON"] }]);
  });

  it.each([
    ["nothing", undefined],
    ["a list", []],
    ["no id", { url: "http://localhost:1", agent_card: {} }],
    ["an empty id", registration("")],
    ["no agent card", { id: AGENT, url: "http://localhost:1" }],
    ["a number for an id", { ...registration(AGENT), id: 7 }],
    ["a number for a URL", registration(AGENT, { url: 7 })],
  ])("does not register %s", async (_what, body) => {
    const emulator = await start({ contract });
    const answer = await ask(emulator, "/registry/register", { method: "POST", body });
    expect([answer.status, answer.json]).toEqual([400, { error: "invalid request body" }]);
    expect(emulator.workspaces()).toEqual([]);
  });

  it("accepts null as an agent card, because null is JSON", async () => {
    const emulator = await start({ contract });
    const token = await join(emulator, AGENT, { agent_card: null });
    expect(emulator.workspaces()).toMatchObject([{ agentCard: null }]);
    // It has a card then, and a heartbeat gives one only to a workspace without.
    await heartbeat(emulator, token, { agent_card: { name: "later" } });
    expect(emulator.workspaces()).toMatchObject([{ agentCard: null }]);
  });

  const malformed = [400, { error: "invalid request body" }] as const;
  /** Its database has 32 bits for these. */
  const overflown = [500, { error: "failed to update" }] as const;
  it.each([
    ["seconds as text", { uptime_seconds: "12" }, malformed],
    ["a task that is no text", { current_task: 5 }, malformed],
    ["more seconds than 64 bits hold", { uptime_seconds: 1e30 }, malformed],
    ["metadata that is no object", { runtime_metadata: "none" }, malformed],
    ["more seconds than 32 bits hold", { uptime_seconds: 2 ** 31 }, overflown],
    ["fewer tasks than 32 bits hold", { active_tasks: -(2 ** 31) - 1 }, overflown],
  ])("rejects a heartbeat with %s", async (_what, more, result) => {
    const { emulator, token } = await joined({ contract });
    expect(resultOf(await heartbeat(emulator, token, more))).toEqual(result);
    expect(emulator.workspaces()).toMatchObject([{ heartbeats: 0 }]);
  });

  it("keeps the last monthly spend if there is none, and clamps excessive values", async () => {
    const { emulator, token } = await joined({ contract });
    const seen = [];
    for (const monthly_spend of [1_500, 0, undefined, -5, 2e12]) {
      await heartbeat(emulator, token, { monthly_spend });
      seen.push(emulator.workspaces()[0]?.monthlySpend);
    }
    expect(seen).toEqual([1_500, 1_500, 1_500, 1_500, 1e12]);
  });

  it("accepts integers up to the limits of 32 bits", async () => {
    const { emulator, token } = await joined({ contract });
    const answer = await heartbeat(emulator, token, {
      uptime_seconds: 2 ** 31 - 1,
      active_tasks: -(2 ** 31),
    });
    expect(answer.status).toBe(200);
  });

  it("fails on a NUL in a text, like its database", async () => {
    const { emulator, token } = await joined({ contract });
    const headers = bearer(token);
    const afterHeartbeat = await heartbeat(emulator, token, { current_task: "a\0b" });
    expect([afterHeartbeat.status, afterHeartbeat.json]).toEqual([500, { error: "failed to update" }]);
    const unknown = await heartbeat(emulator, token, { workspace_id: "a\0b" });
    expect([unknown.status, unknown.json]).toEqual([500, { error: "failed to update" }]);
    const registered = await ask(emulator, "/registry/register", {
      body: registration(AGENT, { agent_card: { deep: [{ "a\0": 1 }] } }),
      headers,
    });
    expect([registered.status, registered.json]).toEqual([500, { error: "registration failed" }]);
    const card = await ask(emulator, "/registry/update-card", {
      body: { workspace_id: AGENT, agent_card: "\0" },
      headers,
    });
    expect([card.status, card.json]).toEqual([500, { error: "failed to update card" }]);
    expect((await heartbeat(emulator, token)).status).toBe(200);
  });

  it.each(["atlas", "a b", "../x", "a\nb", `${AGENT}0`, AGENT.slice(1)])("rejects the id %j", async (id) => {
    const emulator = await start({ contract });
    for (const [path, body, error] of [
      ["/registry/register", registration(id), "registration failed"],
      ["/registry/heartbeat", { workspace_id: id }, "failed to update"],
      ["/registry/update-card", { workspace_id: id, agent_card: {} }, "failed to update card"],
    ] as const) {
      expect(resultOf(await ask(emulator, path, { body }))).toEqual(
        contract === "v1" ? [400, { error: "invalid workspace ID" }] : [500, { error }],
      );
    }
  });

  it("treats an upper-case UUID as the same workspace", async () => {
    const { emulator, token } = await joined({ contract });
    const shouted = AGENT.toUpperCase();
    expect((await heartbeat(emulator, token, { workspace_id: shouted })).status).toBe(200);
    expect((await ask(emulator, `/workspaces/${shouted}`)).status).toBe(200);
    expect(emulator.workspaces()).toMatchObject([{ id: AGENT, heartbeats: 1 }]);
  });

  it("parses JSON regardless of the content type, and without one", async () => {
    const emulator = await start({ contract });
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "nonsense", ";;;", ""]) {
      const answer = await ask(emulator, "/registry/heartbeat", {
        body: { workspace_id: AGENT },
        headers: { "content-type": type },
      });
      expect(answer.status).toBe(200);
    }
    expect((await heartbeat(emulator)).status).toBe(200);
  });

  it("answers 200 to a heartbeat for an unknown id, and changes nothing", async () => {
    const emulator = await start({ contract });
    expect(field((await heartbeat(emulator)).json, "status")).toBe("ok");
    const card = { workspace_id: AGENT, agent_card: {} };
    expect((await ask(emulator, "/registry/update-card", { body: card })).status).toBe(200);
    expect(emulator.workspaces()).toEqual([]);
  });
});
