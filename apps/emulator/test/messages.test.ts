import { describe, expect, it } from "vitest";
import { describeEvent } from "../src/describe-event.ts";
import type { Emulator, EmulatorOptions } from "../src/index.ts";
import { AGENT, ATLAS, BIRCH, COMET, NOBODY } from "./ids.ts";
import { ask, bearer, fakeClock, field, join, joined, resultOf, start } from "./support.ts";

const ADMIN = bearer("local-admin");
const messageOf = (text: string, messageId?: string) => ({
  jsonrpc: "2.0",
  id: 7,
  method: "message/send",
  params: { message: { role: "user", parts: [{ kind: "text", text }], ...(messageId && { messageId }) } },
});

/** atlas, with the children birch and comet. */
async function startFamily(options?: EmulatorOptions) {
  const emulator = await start(options);
  const atlas = await join(emulator, ATLAS, { url: "", delivery_mode: "poll" });
  const birch = emulator.create(BIRCH, { name: "birch", parentId: ATLAS });
  const comet = emulator.create(COMET, { name: "comet", parentId: ATLAS });
  return { emulator, atlas, birch, comet };
}

async function send(
  emulator: Emulator,
  to: string,
  { from, token = "", body = messageOf("hi") as unknown } = {} as Sent,
) {
  const headers = { ...(token && bearer(token)), ...(from && { "x-workspace-id": from }) };
  return resultOf(await ask(emulator, `/workspaces/${to}/a2a`, { body, headers }));
}
interface Sent {
  readonly from?: string;
  readonly token?: string;
  readonly body?: unknown;
}

async function activity(emulator: Emulator, id: string, query = "?type=a2a_receive") {
  const { status, json } = await ask(emulator, `/workspaces/${id}/activity${query}`, { headers: ADMIN });
  if (status !== 200) throw new Error(`${status}`);
  return json as Record<string, unknown>[];
}
const textsOf = (rows: readonly Record<string, unknown>[]) =>
  rows.map((row) => /"text":"([^"]*)"/.exec(JSON.stringify(row))?.[1]);

const QUEUED = { status: "queued", delivery_mode: "poll", method: "message/send" };
const DENIED = { error: "access denied: workspaces cannot communicate per hierarchy rules" };

describe("messages", () => {
  it("are allowed between ancestors and descendants, and between siblings; not between roots", async () => {
    const { emulator, atlas, birch, comet } = await startFamily();
    const root = await join(emulator, AGENT, { url: "", delivery_mode: "poll" });
    expect(await send(emulator, BIRCH, { from: ATLAS, token: atlas })).toEqual([200, QUEUED]);
    expect(await send(emulator, ATLAS, { from: BIRCH, token: birch })).toEqual([200, QUEUED]);
    expect(await send(emulator, COMET, { from: BIRCH, token: birch })).toEqual([200, QUEUED]);
    expect(await send(emulator, BIRCH, { from: COMET, token: comet })).toEqual([200, QUEUED]);
    expect(await send(emulator, ATLAS, { from: AGENT, token: root })).toEqual([403, DENIED]);
    expect(await send(emulator, BIRCH, { from: AGENT, token: root })).toEqual([403, DENIED]);
    expect(await send(emulator, NOBODY, { from: ATLAS, token: atlas })).toEqual([403, DENIED]);
  });

  it("require the sender's own token", async () => {
    const { emulator, atlas, birch } = await startFamily();
    const missing = [401, { error: "missing caller auth token" }];
    const invalid = [401, { error: "invalid caller auth token" }];
    expect(await send(emulator, BIRCH, { from: ATLAS })).toEqual(missing);
    expect(await send(emulator, BIRCH, { from: ATLAS, token: birch })).toEqual(invalid);
    expect(await send(emulator, BIRCH, { from: ATLAS, token: "no" })).toEqual(invalid);
    expect(await send(emulator, BIRCH, { from: ATLAS, token: "no", body: "{" })).toEqual(invalid);
    expect(await send(emulator, BIRCH, { from: "system:x", token: atlas })).toEqual([
      403,
      { error: "invalid caller ID" },
    ]);
    // Without the header, the token identifies the sender.
    expect(await send(emulator, BIRCH, { token: atlas })).toEqual([200, QUEUED]);
    expect((await activity(emulator, BIRCH))[0]).toMatchObject({ source_id: ATLAS });
  });

  it("of the operator count as a person's, whatever their recipient", async () => {
    const { emulator } = await startFamily();
    expect(await send(emulator, BIRCH, { token: "local-admin" })).toEqual([200, QUEUED]);
    expect((await activity(emulator, BIRCH))[0]).toMatchObject({ source_id: null, target_id: BIRCH });
    expect(await send(emulator, NOBODY, { token: "local-admin" })).toEqual([
      404,
      { error: "workspace not found" },
    ]);
  });

  it("of the operator in the name of a workspace pass the hierarchy, and are marked as a person's", async () => {
    const { emulator } = await startFamily();
    await join(emulator, AGENT, { url: "", delivery_mode: "poll" });
    expect(await send(emulator, BIRCH, { from: AGENT, token: "local-admin" })).toEqual([200, QUEUED]);
    expect((await activity(emulator, BIRCH))[0]).toMatchObject({
      source_id: AGENT,
      request_body: {
        params: { metadata: { source: "canvas_user", user_identity_status: "UNAUTHENTICATED" } },
      },
    });
    expect(await send(emulator, BIRCH, { from: AGENT, token: "local-admin", body: "[]" })).toEqual([
      400,
      { error: "invalid A2A body" },
    ]);
  });

  it("of another method are kept when they are queued", async () => {
    const { emulator } = await startFamily();
    const body = { ...messageOf("hi", "m-1"), method: "message/stream" };
    expect(await send(emulator, BIRCH, { token: "local-admin", body })).toEqual([
      200,
      { ...QUEUED, method: "message/stream" },
    ]);
    expect((await activity(emulator, BIRCH))[0]).toMatchObject({
      summary: "message/stream → birch (queued for poll)",
    });
  });

  it("that were kept for a busy agent are available to any known caller", async () => {
    const { emulator, birch } = await startFamily();
    const status = async (id: string, headers = {}) => {
      return resultOf(await ask(emulator, `/workspaces/${ATLAS}/a2a/queue/${id}`, { headers }));
    };
    const none = [404, { error: "queue item not found", retryable: true }];
    expect(await status(NOBODY)).toEqual([401, { error: "caller identity required" }]);
    expect(await status(NOBODY, bearer("no"))).toEqual([401, { error: "caller identity required" }]);
    expect(await status(NOBODY, bearer(birch))).toEqual(none);
    expect(await status(NOBODY, { "x-workspace-id": COMET })).toEqual(none);
    expect(await status("x", bearer(birch))).toEqual([500, { error: "lookup failed" }]);
  });

  it("are one message when they have one messageId", async () => {
    const { emulator } = await startFamily();
    for (const text of ["one", "again", "two"]) {
      const body = messageOf(text, text === "two" ? "m-2" : "m-1");
      expect(await send(emulator, BIRCH, { token: "local-admin", body })).toEqual([200, QUEUED]);
    }
    expect(textsOf(await activity(emulator, BIRCH))).toEqual(["two", "one"]);
  });

  it("are limited by the first of a repeated parameter", async () => {
    const { emulator } = await startFamily();
    for (const text of ["one", "two"]) {
      await send(emulator, BIRCH, { token: "local-admin", body: messageOf(text, text) });
    }
    expect(textsOf(await activity(emulator, BIRCH, "?limit=1&limit=2"))).toEqual(["two"]);
  });

  it("to an agent with a URL are answered; without one they are not sent", async () => {
    const { emulator, token } = await joined();
    expect(await send(emulator, AGENT, { token, body: messageOf("hi") })).toMatchObject([
      200,
      { jsonrpc: "2.0", id: 7, result: { role: "agent" } },
    ]);
    await ask(emulator, `/workspaces/${AGENT}/pause`, { method: "POST", headers: ADMIN });
    expect(await send(emulator, AGENT, { token })).toEqual([
      503,
      { error: "workspace has no URL", status: "paused" },
    ]);
  });

  it("must be JSON objects, and have parts", async () => {
    const { emulator } = await startFamily();
    const token = await join(emulator);
    for (const body of ["{", "[]", "7", ""]) {
      expect(await send(emulator, AGENT, { token, body })).toEqual([400, { error: "invalid JSON" }]);
    }
    const none = { method: "message/send", params: { message: { role: "user" } } };
    expect((await send(emulator, AGENT, { token, body: none }))[0]).toBe(400);
    const old = { method: "message/send", params: { message: { content: "as it was once" } } };
    expect(await send(emulator, BIRCH, { token: "local-admin", body: old })).toEqual([200, QUEUED]);
    expect(textsOf(await activity(emulator, BIRCH))).toEqual(["as it was once"]);
  });

  it("may have 16 MiB, and are a 413 beyond it", async () => {
    const { emulator, token } = await joined();
    const body = messageOf("x".repeat(16 * 1024 * 1024));
    expect(await send(emulator, AGENT, { token, body })).toMatchObject([413, { truncated: true }]);
    expect((await send(emulator, AGENT, { token, body: messageOf("x".repeat(2_000_000)) }))[0]).toBe(200);
  });

  it("are emitted with their source: a person, unless a workspace sends them", async () => {
    const { emulator, atlas } = await startFamily();
    const said: string[] = [];
    emulator.subscribe((event) => event.type === "message" && said.push(describeEvent(event).slice(14)));
    await send(emulator, BIRCH, { token: "local-admin" });
    await send(emulator, BIRCH, { from: ATLAS, token: atlas });
    expect(said).toEqual([
      `${BIRCH} got a message from a person, queued`,
      `${BIRCH} got a message from ${ATLAS}, queued`,
    ]);
  });
});

describe("the inbox", () => {
  it("is read in pages after a cursor, oldest first, without removing anything", async () => {
    const { emulator } = await startFamily({ clock: fakeClock() });
    for (const text of ["1", "2", "3", "4"]) {
      await send(emulator, BIRCH, { token: "local-admin", body: messageOf(text, text) });
      emulator.advance(1_000);
    }
    const newest = await activity(emulator, BIRCH, "?type=a2a_receive&limit=2");
    expect(textsOf(newest)).toEqual(["4", "3"]);
    const [first] = (await activity(emulator, BIRCH)).reverse();
    const page = await activity(emulator, BIRCH, `?type=a2a_receive&since_id=${first?.id}&limit=2`);
    expect(textsOf(page)).toEqual(["2", "3"]);
    const rest = await activity(emulator, BIRCH, `?type=a2a_receive&since_id=${page.at(-1)?.id}`);
    expect(textsOf(rest)).toEqual(["4"]);
    expect(await activity(emulator, BIRCH, `?since_id=${rest[0]?.id}`)).toEqual([]);
    expect(textsOf(await activity(emulator, BIRCH, "?since_secs=2"))).toEqual(["4", "3"]);
    expect(textsOf(await activity(emulator, BIRCH))).toEqual(["4", "3", "2", "1"]);
  });

  it("is filtered by source, and by workspace", async () => {
    const { emulator, atlas, comet } = await startFamily();
    await send(emulator, BIRCH, { token: "local-admin", body: messageOf("person", "1") });
    await send(emulator, BIRCH, { from: ATLAS, token: atlas, body: messageOf("atlas", "2") });
    await send(emulator, BIRCH, { from: COMET, token: comet, body: messageOf("comet", "3") });
    expect(textsOf(await activity(emulator, BIRCH, "?source=canvas"))).toEqual(["person"]);
    expect(textsOf(await activity(emulator, BIRCH, "?source=agent"))).toEqual(["comet", "atlas"]);
    expect(textsOf(await activity(emulator, BIRCH, `?peer_id=${ATLAS}`))).toEqual(["atlas"]);
    const [row, ...others] = await activity(emulator, BIRCH, "?include=peer_info");
    expect(row).toMatchObject({
      peer_name: "comet",
      agent_card_url: `${emulator.url}/registry/discover/${COMET}`,
    });
    expect(field(others.at(-1), "agent_card_url")).toBeUndefined();
  });

  it.each([
    ["?source=x", 400, "source must be 'canvas' or 'agent'"],
    ["?since_secs=1.5", 400, "since_secs must be a positive integer"],
    ["?before_ts=x", 400, "before_ts must be an RFC3339 timestamp (e.g. 2026-05-01T00:00:00Z)"],
  ])("answers %s with %i", async (query, status, error) => {
    const { emulator, token } = await joined();
    const answer = await ask(emulator, `/workspaces/${AGENT}/activity${query}`, { headers: bearer(token) });
    expect([answer.status, answer.json]).toEqual([status, { error }]);
  });

  it("does not accept a cursor from another workspace", async () => {
    const { emulator, atlas } = await startFamily();
    await send(emulator, BIRCH, { token: "local-admin" });
    const [row] = await activity(emulator, BIRCH);
    const path = `/workspaces/${ATLAS}/activity?since_id=${row?.id}`;
    expect((await ask(emulator, path, { headers: bearer(atlas) })).status).toBe(410);
  });
});

describe("delegations", () => {
  const delegate = (emulator: Emulator, from: string, token: string, body: object) =>
    ask(emulator, `/workspaces/${from}/delegate`, { body, headers: bearer(token) });

  it("that are not allowed fail with a reason", async () => {
    const { emulator, atlas } = await startFamily();
    const { status } = await delegate(emulator, ATLAS, atlas, { target_id: NOBODY, task: "count" });
    expect(status).toBe(202);
    const list = await ask(emulator, `/workspaces/${ATLAS}/delegations`, { headers: bearer(atlas) });
    expect(list.json).toMatchObject([
      { status: "failed", summary: "Delegation failed", error: DENIED.error },
      { status: "failed", summary: `Delegating to ${NOBODY}`, error: DENIED.error },
    ]);
  });

  it("with the same key are one delegation", async () => {
    const { emulator, atlas } = await startFamily();
    const task = { target_id: BIRCH, task: "count", idempotency_key: "k" };
    const first = await delegate(emulator, ATLAS, atlas, task);
    expect(resultOf(await delegate(emulator, ATLAS, atlas, task))).toEqual([
      200,
      {
        delegation_id: field(first.json, "delegation_id"),
        status: "completed",
        target_id: BIRCH,
        idempotent_hit: true,
      },
    ]);
    expect(await activity(emulator, BIRCH)).toHaveLength(1);
  });

  it("to oneself are rejected", async () => {
    const { emulator, atlas } = await startFamily();
    expect(resultOf(await delegate(emulator, ATLAS, atlas, { target_id: ATLAS, task: "count" }))).toEqual([
      400,
      {
        error: "self-delegation not permitted",
        reason: expect.stringMatching(/^the source workspace and target workspace are the same/),
        hint: expect.stringMatching(/^do the work yourself/),
      },
    ]);
  });

  it("are shown shortened, in bytes, and without their key", async () => {
    const { emulator, atlas } = await startFamily();
    const given = await delegate(emulator, ATLAS, atlas, {
      target_id: BIRCH,
      task: "count",
      idempotency_key: "k",
    });
    const id = field(given.json, "delegation_id");
    await ask(emulator, `/workspaces/${ATLAS}/delegations/${id}/update`, {
      body: { status: "completed", response_preview: "ü".repeat(200) },
      headers: bearer(atlas),
    });
    const list = await ask(emulator, `/workspaces/${ATLAS}/delegations`, { headers: bearer(atlas) });
    expect((list.json as object[])[0]).toMatchObject({
      summary: `Delegation completed (${"ü".repeat(38)}…)`,
      response_preview: `${"ü".repeat(148)}…`,
    });
    const rows = await activity(emulator, ATLAS, "?type=delegation");
    expect(rows.at(-1)?.request_body).toEqual({ task: "count", delegation_id: id });
  });
});

describe("messages to agents of the ancestor, contract v1", () => {
  it("are allowed to any existing workspace", async () => {
    const { emulator, token } = await joined({ contract: "v1", clock: fakeClock() });
    const other = { from: AGENT, token };
    expect(await send(emulator, NOBODY, other)).toEqual([404, { error: "workspace not found" }]);
    await join(emulator, ATLAS);
    expect((await send(emulator, ATLAS, other))[0]).toBe(200);
    emulator.advance(60_001);
    expect(await send(emulator, ATLAS, other)).toEqual([
      503,
      { error: "workspace agent unreachable", restarting: true },
    ]);
    emulator.remove(ATLAS);
    expect((await send(emulator, ATLAS, other))[0]).toBe(404);
  });
});
