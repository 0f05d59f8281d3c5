import { describe, expect, it } from "vitest";
import { describeEvent } from "../src/describe-event.ts";
import { AGENT, ATLAS, BIRCH, COMET, NOBODY } from "./ids.ts";
import { ask, bearer, field, heartbeat, join, resultOf, start } from "./support.ts";

const ADMIN = bearer("local-admin");
const external = { name: "ws", external: true, runtime: "external", delivery_mode: "poll" };

/** The operator's routes, and whose token each requires. */
const REQUESTS = [
  ["GET", "/workspaces", "admin"],
  ["POST", "/workspaces", "admin"],
  ["DELETE", `/workspaces/${AGENT}`, "admin"],
  ["POST", `/admin/workspaces/${AGENT}/tokens`, "admin"],
  ["POST", `/admin/workspaces/${AGENT}/revoke-auth-tokens`, "admin"],
  ["POST", `/workspaces/${AGENT}/pause`, "workspace"],
  ["POST", `/workspaces/${AGENT}/resume`, "workspace"],
  ["POST", `/workspaces/${AGENT}/external/rotate`, "workspace"],
] as const;

describe("the operator's routes", () => {
  it.each(REQUESTS)("%s %s is for the operator only", async (method, path, whose) => {
    const emulator = await start({ adminToken: "another" });
    await join(emulator, AGENT);
    const stranger = await join(emulator, BIRCH);
    const answer = async (headers = {}) => {
      const { status, json } = await ask(emulator, path, { method, headers });
      return [status, field(json, "error")];
    };
    const missing = whose === "admin" ? "admin auth required" : "missing workspace auth token";
    expect(await answer()).toEqual([401, missing]);
    for (const token of [stranger, "local-admin"]) {
      expect(await answer(bearer(token))).toEqual([401, `invalid ${whose} auth token`]);
    }
    expect((await answer(bearer("another")))[0]).not.toBe(401);
  });

  it.each(["{", "[1", "x".repeat(2_000_000)])("that expect no body take any: %#", async (body) => {
    const emulator = await start();
    const own = bearer(emulator.create(AGENT));
    for (const [path, status] of [
      [`/workspaces/${AGENT}/tokens`, 201],
      [`/workspaces/${AGENT}/external/rotate`, 200],
    ] as const) {
      expect((await ask(emulator, path, { body, headers: own })).status).toBe(status);
    }
    const revoked = await ask(emulator, `/admin/workspaces/${AGENT}/revoke-auth-tokens`, {
      body,
      headers: ADMIN,
    });
    expect(revoked.status).toBe(200);
  });

  it("create a workspace that awaits its agent, below another one", async () => {
    const emulator = await start();
    await join(emulator, ATLAS);
    const body = { ...external, parent_id: ATLAS, role: "helper", tier: 2 };
    const { status, json } = await ask(emulator, "/workspaces", { body, headers: ADMIN });
    expect(status).toBe(201);
    const shown = await ask(emulator, `/workspaces/${field(json, "id")}`);
    expect(shown.json).toMatchObject({
      name: "ws",
      parent_id: ATLAS,
      role: "helper",
      tier: 2,
      status: "awaiting_agent",
    });
    const list = await ask(emulator, "/workspaces", { headers: ADMIN });
    expect(list.json).toMatchObject([{ id: ATLAS }, { id: field(json, "id") }]);
  });

  it.each([
    [{ ...external, name: "" }, 400, "invalid workspace payload"],
    [{ ...external, name: 7 }, 400, "invalid workspace payload"],
    [{ ...external, delivery_mode: "x" }, 400, "delivery_mode must be 'push' or 'poll'"],
    [
      { ...external, url: "http://10.0.0.1" },
      400,
      "unsafe workspace URL: url targets a blocked address: RFC-1918 private address",
    ],
    [{ ...external, name: "two\nlines" }, 400, "invalid workspace fields"],
    [{ ...external, role: "{a}" }, 400, "invalid workspace fields"],
    [{ ...external, name: "x".repeat(256) }, 400, "invalid workspace fields"],
    [{ ...external, parent_id: NOBODY }, 500, "failed to create workspace"],
    [{ ...external, parent_id: "atlas" }, 500, "failed to create workspace"],
  ])("do not create %j", async (body, status, error) => {
    const emulator = await start();
    const answer = await ask(emulator, "/workspaces", { body, headers: ADMIN });
    expect([answer.status, answer.json]).toEqual([status, { error }]);
    expect(emulator.workspaces()).toEqual([]);
  });

  it("create a workspace that is pushed to unless it says poll, and number a name that a sibling has", async () => {
    const emulator = await start();
    await join(emulator, ATLAS);
    const names: unknown[] = [];
    for (const parent of [undefined, undefined, ATLAS]) {
      const body = { name: "ws", external: true, ...(parent && { parent_id: parent }) };
      const { json } = await ask(emulator, "/workspaces", { body, headers: ADMIN });
      names.push(field((await ask(emulator, `/workspaces/${field(json, "id")}`)).json, "name"));
    }
    expect(names).toEqual(["ws", "ws (2)", "ws"]);
    expect(emulator.workspaces().at(-1)?.deliveryMode).toBe("push");
  });

  it.each([
    [{ name: "ws" }, "MODEL_REQUIRED"],
    [{ name: "ws", external: true, runtime: "claude-code" }, "RUNTIME_UNSUPPORTED"],
  ])("create nothing that has to be run by the platform: %j", async (body, code) => {
    const emulator = await start();
    const { status, json } = await ask(emulator, "/workspaces", { body, headers: ADMIN });
    expect([status, json]).toMatchObject([422, { code, runtime: "claude-code" }]);
  });

  it("remove a workspace and all below it, once its name was confirmed", async () => {
    const emulator = await start();
    emulator.create(ATLAS, { name: "atlas" });
    const birch = emulator.create(BIRCH, { name: "birch", parentId: ATLAS });
    emulator.create(COMET, { name: "comet", parentId: BIRCH });
    const remove = async (query: string, name: string) => {
      const headers = { ...ADMIN, "x-confirm-name": name };
      const { status, json } = await ask(emulator, `/workspaces/${ATLAS}${query}`, {
        method: "DELETE",
        headers,
      });
      return [status, json];
    };
    expect(await remove("?confirm=true", "birch")).toMatchObject([400, { child_count: 1 }]);
    expect(await remove("", "atlas")).toMatchObject([409, { children: [{ id: BIRCH, name: "birch" }] }]);
    expect(await remove("?confirm=true", "atlas")).toEqual([200, { status: "removed", cascade_deleted: 2 }]);
    expect(await remove("?confirm=true", "atlas")).toEqual([410, { error: "workspace removed", id: ATLAS }]);
    const state = await ask(emulator, `/workspaces/${BIRCH}/state`, { headers: bearer(birch) });
    expect(state.status).toBe(401);
  });

  it("pause a workspace with its descendants only on request", async () => {
    const emulator = await start();
    emulator.create(ATLAS);
    emulator.create(BIRCH, { parentId: ATLAS });
    const pause = async (query = "") => {
      const path = `/workspaces/${ATLAS}/pause${query}`;
      return resultOf(await ask(emulator, path, { method: "POST", headers: ADMIN }));
    };
    expect((await pause())[0]).toBe(409);
    expect(await pause("?cascade=true")).toEqual([200, { status: "paused", paused_count: 2 }]);
    expect((await pause())[0]).toBe(404);
    const resume = await ask(emulator, `/workspaces/${ATLAS}/resume`, { method: "POST", headers: ADMIN });
    expect([resume.status, resume.json]).toEqual([503, { error: "provisioner not available" }]);
  });

  it("let a workspace pause itself", async () => {
    const emulator = await start();
    const headers = bearer(emulator.create(AGENT));
    const { status, json } = await ask(emulator, `/workspaces/${AGENT}/pause`, { method: "POST", headers });
    expect([status, json]).toEqual([200, { status: "paused", paused_count: 1 }]);
  });

  it.each([
    ["GET", "/workspaces/atlas/activity", 500, "query failed"],
    ["GET", "/workspaces/atlas/state", 500, "auth check failed"],
    ["POST", "/workspaces/atlas/notify", 500, "internal error"],
    ["GET", "/workspaces/atlas/tokens", 400, "invalid workspace id"],
    ["POST", "/workspaces/atlas/tokens", 400, "invalid workspace id"],
    ["DELETE", "/workspaces/atlas/tokens/1", 400, "invalid workspace id"],
    ["POST", "/admin/workspaces/atlas/tokens", 400, "invalid workspace id"],
    ["POST", "/workspaces/atlas/external/rotate", 500, "lookup failed"],
    ["POST", "/admin/workspaces/atlas/revoke-auth-tokens", 500, "revoke failed"],
    ["DELETE", "/workspaces/atlas", 400, "invalid workspace ID"],
    ["POST", "/workspaces/atlas/pause", 500, "lookup failed"],
    ["POST", "/workspaces/atlas/a2a", 500, "lookup failed"],
  ])("%s %s: no UUID", async (method, path, status, error) => {
    const emulator = await start();
    const body = method === "POST" ? { message: "hello" } : undefined;
    const answer = await ask(emulator, path, { method, body, headers: ADMIN });
    expect([answer.status, answer.json]).toEqual([status, { error }]);
  });

  it("show a workspace that was removed, or never was, as deleted", async () => {
    const emulator = await start();
    await join(emulator, ATLAS);
    emulator.remove(ATLAS);
    const state = async (id: string) => {
      return resultOf(await ask(emulator, `/workspaces/${id}/state`, { headers: ADMIN }));
    };
    expect(await state(ATLAS)).toEqual([404, { workspace_id: ATLAS, status: "removed", deleted: true }]);
    expect(await state(NOBODY)).toEqual([404, { workspace_id: NOBODY, deleted: true }]);
  });
});

describe("tokens of both kinds", () => {
  it.each([
    [false, 401],
    [true, 200],
  ])("with apiTokensSurvive %s an API token gets %i after a rotation", async (apiTokensSurvive, status) => {
    const emulator = await start({ apiTokensSurvive });
    const token = emulator.create(AGENT);
    const minted = await ask(emulator, `/workspaces/${AGENT}/tokens`, {
      method: "POST",
      headers: bearer(token),
    });
    const api = bearer(String(field(minted.json, "auth_token")));
    const path = `/workspaces/${AGENT}/external/rotate`;
    const rotated = await ask(emulator, path, { method: "POST", headers: bearer(token) });
    const fresh = String(field(field(rotated.json, "connection"), "auth_token"));
    const state = async (headers: Record<string, string>) =>
      (await ask(emulator, `/workspaces/${AGENT}/state`, { headers })).status;
    expect(await state(api)).toBe(status);
    expect(await state(bearer(token))).toBe(401);
    expect(await state(bearer(fresh))).toBe(200);
  });

  it("are API tokens where the operator mints them beside others: they leave the registry open", async () => {
    const emulator = await start();
    await join(emulator, AGENT);
    emulator.revoke(AGENT);
    const path = `/admin/workspaces/${AGENT}/tokens`;
    const minted = await ask(emulator, path, { method: "POST", headers: ADMIN });
    const api = String(field(minted.json, "auth_token"));
    expect((await ask(emulator, `/workspaces/${AGENT}/state`, { headers: bearer(api) })).status).toBe(200);
    expect((await heartbeat(emulator, "anything")).status).toBe(200);
    const listed = async (query: string) =>
      field((await ask(emulator, `/workspaces/${AGENT}/tokens${query}`, { headers: ADMIN })).json, "count");
    await ask(emulator, path, { method: "POST", headers: ADMIN });
    expect([await listed(""), await listed("?limit=1"), await listed("?offset=1")]).toEqual([2, 1, 1]);
  });

  it("are at most 100 of one workspace: the oldest is revoked", async () => {
    const emulator = await start();
    const first = emulator.create(AGENT);
    const lines: string[] = [];
    emulator.subscribe((event) => lines.push(describeEvent(event).slice(14)));
    for (let n = 0; n < 100; n++) emulator.issue(AGENT);
    expect(emulator.workspaces()[0]?.liveTokens).toBe(100);
    expect(lines).toContain(`${AGENT} lost 1 token`);
    expect((await heartbeat(emulator, first)).status).toBe(401);
  });
});

describe("the rate limit", () => {
  it("counts per organization if named, else per bearer, else per address", async () => {
    const emulator = await start({ rateLimit: { max: 2, windowMs: 60_000 } });
    const left = async (headers: Record<string, string> = {}) => {
      const answer = await ask(emulator, "/health", { headers });
      return `${answer.status} ${answer.headers["x-ratelimit-remaining"]}`;
    };
    const org = { "x-molecule-org-id": "org-1" };
    expect([await left(org), await left({ ...org, ...bearer("one") })]).toEqual(["200 1", "200 0"]);
    expect(await left({ ...org, ...bearer("two") })).toBe("429 0");
    expect([await left(bearer("one")), await left(bearer("two")), await left()]).toEqual([
      "200 1",
      "200 1",
      "200 1",
    ]);
    expect([await left(bearer("one")), await left(bearer("one"))]).toEqual(["200 0", "429 0"]);
  });
});

describe("the peers of a workspace", () => {
  it("are siblings, children and the parent, except removed ones", async () => {
    const emulator = await start();
    emulator.create(ATLAS, { name: "atlas" });
    const birch = emulator.create(BIRCH, { name: "birch", parentId: ATLAS });
    emulator.create(COMET, { name: "comet", parentId: ATLAS });
    emulator.create(AGENT, { name: "agent", parentId: BIRCH });
    const peers = async (id: string, token: string) => {
      const { status, json } = await ask(emulator, `/registry/${id}/peers`, { headers: bearer(token) });
      return status === 200 ? (json as { name: string }[]).map(({ name }) => name) : [status, json];
    };
    expect(await peers(BIRCH, birch)).toEqual(["comet", "agent", "atlas"]);
    emulator.remove(COMET);
    expect(await peers(BIRCH, birch)).toEqual(["agent", "atlas"]);
    expect(await peers(BIRCH, "local-admin")).toEqual(["agent", "atlas"]);
    const { json } = await ask(emulator, `/registry/${BIRCH}/peers?q=%20ATL`, { headers: bearer(birch) });
    expect(json).toMatchObject([{ name: "atlas" }]);
    expect(await peers(BIRCH, "no")).toEqual([401, { error: "invalid workspace auth token" }]);
    expect(await peers(NOBODY, birch)).toEqual([404, { error: "workspace not found" }]);
  });

  it("are discovered once they are online", async () => {
    const emulator = await start();
    emulator.create(ATLAS);
    const birch = emulator.create(BIRCH, { name: "birch", parentId: ATLAS });
    const discover = async () => {
      const headers = { ...ADMIN, "x-workspace-id": ATLAS };
      return resultOf(await ask(emulator, `/registry/discover/${BIRCH}`, { headers }));
    };
    expect(await discover()).toEqual([503, { error: "workspace not available", status: "awaiting_agent" }]);
    await heartbeat(emulator, birch, { workspace_id: BIRCH });
    const url = `http://ws-${BIRCH.slice(0, 12)}:8000`;
    expect(await discover()).toEqual([200, { id: BIRCH, name: "birch", url }]);
  });
});
