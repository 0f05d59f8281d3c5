import { describe, expect, it } from "vitest";
import type { Emulator } from "../src/index.ts";
import { AGENT, NOBODY, OTHER } from "./ids.ts";
import { ask, bearer, fakeClock, field, heartbeat, join, registration, start } from "./support.ts";

const PUSH = { url: "http://localhost:9000", delivery_mode: "push" };
const POLL = { url: "", delivery_mode: "poll" };

/** Registers an existing workspace. @returns the answer's status and body */
async function register(emulator: Emulator, token: string, more: Record<string, unknown>) {
  const body = { id: AGENT, agent_card: { name: AGENT }, ...more };
  const { status, json } = await ask(emulator, "/registry/register", { body, headers: bearer(token) });
  return [status, json];
}

const shown = async (emulator: Emulator, query = "") =>
  (await ask(emulator, `/workspaces/${AGENT}${query}`)).json;
const modeOf = (emulator: Emulator) => emulator.workspaces()[0]?.deliveryMode;

describe("the delivery mode", () => {
  it("of a new workspace is push by default", async () => {
    const emulator = await start();
    for (const [id, more, mode] of [
      [AGENT, { delivery_mode: undefined }, "push"],
      [OTHER, PUSH, "push"],
      [NOBODY, POLL, "poll"],
    ] as const) {
      const { json } = await ask(emulator, "/registry/register", { body: registration(id, more) });
      expect(json).toMatchObject({ status: "registered", delivery_mode: mode });
    }
  });

  it.each([
    [PUSH, { url: "http://localhost:9001" }, "push", "http://localhost:9001"],
    [PUSH, POLL, "poll", ""],
    [PUSH, { ...POLL, url: "http://localhost:9001" }, "poll", "http://localhost:9001"],
    [POLL, {}, "poll", ""],
    [POLL, { url: "http://localhost:9001" }, "poll", "http://localhost:9001"],
    [POLL, PUSH, "push", "http://localhost:9000"],
  ])("after %j and then %j is %s, with the url %j", async (first, second, mode, url) => {
    const emulator = await start();
    const token = await join(emulator, AGENT, first);
    const [status, answer] = await register(emulator, token, second);
    expect([status, field(answer, "delivery_mode")]).toEqual([200, mode]);
    expect(modeOf(emulator)).toBe(mode);
    expect(field(await shown(emulator), "url")).toBe(url);
  });

  it("push requires a url; without one nothing changes", async () => {
    const emulator = await start();
    const token = await join(emulator, AGENT, PUSH);
    const before = emulator.workspaces();
    for (const more of [
      {},
      { url: "" },
      { url: "", delivery_mode: "" },
      { url: "", delivery_mode: "push" },
    ]) {
      expect(await register(emulator, token, more)).toEqual([
        400,
        { error: "url is required for push-mode workspaces" },
      ]);
    }
    expect(emulator.workspaces()).toEqual(before);
  });

  it.each([
    [{ delivery_mode: "carrier pigeon" }, "delivery_mode must be 'push' or 'poll'"],
    [{ url: "ftp://1.1.1.1/" }, 'url scheme must be http or https, got "ftp"'],
    [{ url: "remote://no-inbound" }, 'url scheme must be http or https, got "remote"'],
    [{ url: "not a url" }, 'url scheme must be http or https, got ""'],
    [{ url: "http://" }, "url is not a valid URL"],
  ])("rejects %j with a reason", async (more, error) => {
    const emulator = await start();
    const answer = await ask(emulator, "/registry/register", { body: registration(AGENT, more) });
    expect([answer.status, answer.json]).toEqual([400, { error }]);
    expect(emulator.workspaces()).toEqual([]);
  });

  it("does not exist in v1, which requires a url", async () => {
    const emulator = await start({ contract: "v1" });
    const empty = await ask(emulator, "/registry/register", { body: registration(AGENT, POLL) });
    expect([empty.status, empty.json]).toEqual([400, { error: "invalid request body" }]);
    await join(emulator, AGENT, { delivery_mode: "poll" });
    expect(modeOf(emulator)).toBe("push");
  });
});

describe("fetching the status before registering", () => {
  it("shows the 24 fields of the platform to anyone", async () => {
    const emulator = await start({ clock: fakeClock() });
    await join(emulator, AGENT, POLL);
    expect(await shown(emulator)).toEqual({
      active_tasks: 0,
      agent_card: { name: AGENT },
      broadcast_enabled: false,
      collapsed: false,
      compute: {},
      id: AGENT,
      kind: "workspace",
      last_error_rate: 0,
      last_heartbeat_at: "2026-01-01T00:00:00.000Z",
      last_outbound_at: null,
      loaded_mcp_tools: [],
      max_concurrent_tasks: 1,
      name: AGENT,
      parent_id: null,
      role: null,
      runtime: "claude-code",
      status: "online",
      talk_to_user_enabled: true,
      tier: 1,
      uptime_seconds: 0,
      url: "",
      wedged: false,
      x: 0,
      y: 0,
    });
  });

  it("shows the tools that a heartbeat named last, and all of it to the operator", async () => {
    const emulator = await start();
    const token = await join(emulator, AGENT, POLL);
    for (const more of [
      { loaded_mcp_tools: ["a", null] },
      { loaded_mcp_tools: null, current_task: "reading" },
    ])
      await heartbeat(emulator, token, more);
    expect(await shown(emulator)).toMatchObject({ loaded_mcp_tools: ["a", ""] });
    expect(field(await shown(emulator), "current_task")).toBeUndefined();
    const list = await ask(emulator, "/workspaces", { headers: bearer("local-admin") });
    expect(list.json).toMatchObject([{ id: AGENT, current_task: "reading", monthly_spend: 0 }]);
  });

  it("tells a workspace that is new from one that was removed", async () => {
    const emulator = await start();
    const unknown = await ask(emulator, `/workspaces/${AGENT}`);
    expect([unknown.status, unknown.json]).toEqual([404, { error: "workspace not found" }]);
    await join(emulator);
    emulator.remove(AGENT);
    expect((await ask(emulator, `/workspaces/${AGENT}`)).status).toBe(410);
    const removed = await ask(emulator, `/workspaces/${AGENT}?include_removed=true`);
    expect([removed.status, field(removed.json, "status")]).toEqual([200, "removed"]);
  });
});

describe("a removed workspace", () => {
  it("gets a 200 and a token when it registers, but stays removed, and the token is rejected", async () => {
    const emulator = await start();
    const token = await join(emulator, AGENT, POLL);
    emulator.remove(AGENT);
    const [status, answer] = await register(emulator, token, POLL);
    expect([status, field(answer, "status")]).toEqual([200, "registered"]);
    const useless = String(field(answer, "auth_token"));
    expect(field(await shown(emulator, "?include_removed=true"), "status")).toBe("removed");
    const state = await ask(emulator, `/workspaces/${AGENT}/state`, { headers: bearer(useless) });
    expect([state.status, state.json]).toEqual([401, { error: "invalid workspace auth token" }]);
    expect(await register(emulator, useless, POLL)).toEqual([401, { error: "invalid workspace auth token" }]);
  });
});

describe("the state of a workspace", () => {
  it("requires its own bearer", async () => {
    const emulator = await start();
    const token = await join(emulator);
    await join(emulator, OTHER);
    const state = async (id: string, headers = {}) => {
      const { status, json } = await ask(emulator, `/workspaces/${id}/state`, { headers });
      return [status, json];
    };
    expect(await state(AGENT, bearer(token))).toEqual([
      200,
      { workspace_id: AGENT, status: "online", paused: false, deleted: false },
    ]);
    expect(await state(AGENT)).toEqual([401, { error: "missing workspace auth token" }]);
    expect(await state(OTHER, bearer(token))).toEqual([401, { error: "invalid workspace auth token" }]);
    emulator.remove(AGENT);
    expect(await state(AGENT, bearer(token))).toEqual([401, { error: "invalid workspace auth token" }]);
  });
});
