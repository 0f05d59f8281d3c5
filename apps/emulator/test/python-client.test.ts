import { describe, expect, it } from "vitest";
import { ATLAS, BIRCH } from "./ids.ts";
import { ask, bearer, field, join, start } from "./support.ts";

const TOKEN = /^[\w-]{43}$/;

/** The headers of molecule_agent, the platform's public Python client: an `Origin`, the token, and httpx's defaults. */
async function setUp() {
  const emulator = await start();
  const token = await join(emulator, ATLAS, {
    url: "",
    delivery_mode: "poll",
    agent_card: { name: "atlas" },
  });
  const child = emulator.create(BIRCH, { name: "birch", parentId: ATLAS });
  const headers = {
    accept: "*/*",
    "user-agent": "python-httpx/0.28.1",
    origin: emulator.url,
    ...bearer(token),
  };
  const get = (path: string, more = {}) => ask(emulator, path, { headers: { ...headers, ...more } });
  const post = (path: string, body: unknown, more = {}) =>
    ask(emulator, path, { body, headers: { ...headers, "content-type": "application/json", ...more } });
  return { emulator, token, child, get, post };
}

describe("the platform's Python client gets the server's answers", () => {
  it("heartbeat", async () => {
    const { post } = await setUp();
    const body = {
      workspace_id: ATLAS,
      current_task: "",
      active_tasks: 0,
      error_rate: 0.0,
      sample_error: "",
      uptime_seconds: 12,
    };
    const { status, json } = await post("/registry/heartbeat", body);
    expect([status, json]).toEqual([
      200,
      { status: "ok", platform_inbound_secret: expect.stringMatching(TOKEN) },
    ]);
  });

  it("poll_state: not deleted, not paused; a 401 once it is removed", async () => {
    const { get, emulator } = await setUp();
    const path = `/workspaces/${ATLAS}/state`;
    const state = { workspace_id: ATLAS, status: "online", paused: false, deleted: false };
    expect([(await get(path)).status, (await get(path)).json]).toEqual([200, state]);
    emulator.remove(ATLAS);
    expect((await get(path)).status).toBe(401);
  });

  it("pull_secrets: an empty object", async () => {
    const { get } = await setUp();
    const { status, json } = await get(`/workspaces/${ATLAS}/secrets/values`);
    expect([status, json]).toEqual([200, {}]);
  });

  it("get_peers: the workspaces it may message", async () => {
    const { get } = await setUp();
    const { status, json } = await get(`/registry/${ATLAS}/peers`, { "x-workspace-id": ATLAS });
    expect([status, json]).toMatchObject([200, [{ id: BIRCH, name: "birch", agent_card: null, url: "" }]]);
  });

  it("fetch_inbound: the messages of the last 10 minutes, then later ones", async () => {
    const { get, post, child } = await setUp();
    const message = (text: string, messageId: string) => ({
      jsonrpc: "2.0",
      id: messageId,
      method: "message/send",
      params: { message: { role: "user", messageId, parts: [{ kind: "text", text }] } },
    });
    const from = { ...bearer(child), "x-workspace-id": BIRCH };
    await post(`/workspaces/${ATLAS}/a2a`, message("one", "m-1"), from);
    const path = `/workspaces/${ATLAS}/activity?type=a2a_receive`;
    const first = await get(`${path}&since_secs=600`);
    expect(first.json).toMatchObject([
      { source_id: BIRCH, method: "message/send", activity_type: "a2a_receive" },
    ]);
    const cursor = field(Array.isArray(first.json) && first.json[0], "id");
    await post(`/workspaces/${ATLAS}/notify`, { message: "done" });
    await post(`/workspaces/${ATLAS}/a2a`, message("two", "m-2"), from);
    const next = await get(`${path}&since_id=${cursor}`);
    expect(next.json).toMatchObject([
      { method: "notify", source_id: null, response_body: { result: "done" } },
      { method: "message/send", source_id: BIRCH, request_body: { id: "m-2" } },
    ]);
  });

  it("discover_peer: unavailable until it is online", async () => {
    const { get, post, child } = await setUp();
    const path = `/registry/discover/${BIRCH}`;
    const me = { "x-workspace-id": ATLAS };
    const awaited = await get(path, me);
    expect([awaited.status, awaited.json]).toEqual([
      503,
      { error: "workspace not available", status: "awaiting_agent" },
    ]);
    await post("/registry/heartbeat", { workspace_id: BIRCH }, bearer(child));
    const there = await get(path, me);
    expect([there.status, there.json]).toEqual([
      200,
      { id: BIRCH, name: "birch", url: `http://ws-${BIRCH.slice(0, 12)}:8000` },
    ]);
  });
});
