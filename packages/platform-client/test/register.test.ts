import { AuthError } from "@x/auth-core";
import { describe, expect, it } from "vitest";
import { planRegistration } from "../src/index.ts";
import { ID, NEW_TOKEN, workspaceAt } from "./support/client.ts";
import { type Answer, startServer, unauthorized } from "./support/server.ts";

const agentCard = { name: "Seven" };
const URL_REQUIRED: Answer = [400, { error: "url is required for push-mode workspaces" }];
const UNKNOWN: Answer = [404, { error: "workspace not found" }];
const known = (more: Record<string, unknown> = {}): Answer => [
  200,
  { id: ID, status: "online", url: "", ...more },
];

/** A platform with this answer about the workspace; returns the bodies of the registrations it received. */
async function registrations(
  status: Answer,
  {
    answers = [] as Answer[],
    token = undefined as null | undefined,
    url = undefined as string | undefined,
  } = {},
) {
  const bodies: Record<string, unknown>[] = [];
  const { origin } = await startServer(({ method, body }) => {
    if (method === "GET") return status;
    bodies.push({ ...Object(body) });
    return answers[bodies.length - 1] ?? [200, { status: "registered", auth_token: NEW_TOKEN }];
  });
  const { client } = workspaceAt(origin, token === null ? { token } : {});
  const result = await client.checkAndRegister({ agentCard, ...(url !== undefined && { url }) });
  return { result, sent: bodies.map((body) => ({ url: body.url, mode: body.delivery_mode })) };
}

describe("a registration that checks the status first", () => {
  it("asks for poll mode for a new workspace, or push with a URL", async () => {
    const poll = await registrations(UNKNOWN, { token: null });
    expect(poll.result).toMatchObject({ ok: true, value: { tokenReceived: true } });
    expect(poll.sent).toEqual([{ url: "", mode: "poll" }]);
    const push = await registrations(UNKNOWN, { url: "https://me.example" });
    expect(push.sent).toEqual([{ url: "https://me.example", mode: "push" }]);
  });

  it("keeps a known workspace's mode and URL", async () => {
    expect((await registrations(known({ url: "https://old.example" }))).sent).toEqual([
      { url: "https://old.example", mode: undefined },
    ]);
    expect((await registrations(known())).sent).toEqual([{ url: "", mode: undefined }]);
    const moved = await registrations(known({ url: "https://old.example" }), { url: "https://new.example" });
    expect(moved.sent).toEqual([{ url: "https://new.example", mode: "push" }]);
  });

  it("keeps the mode and URL that something other than the platform cannot know", async () => {
    for (const said of [{ status: "ok" }, { status: "ok", url: "https://elsewhere.example" }]) {
      const { sent, result } = await registrations([200, said], { answers: [URL_REQUIRED, URL_REQUIRED] });
      expect(sent).toEqual([{ url: "", mode: undefined }]);
      expect(result).toMatchObject({ ok: false, failure: { code: "URL_REQUIRED" } });
    }
  });

  it("switches a polling workspace to push mode when given a URL", async () => {
    const url = "https://me.example";
    expect((await registrations(known(), { url })).sent).toEqual([{ url, mode: "push" }]);
    expect((await registrations([503, { error: "down" }], { url })).sent).toEqual([{ url, mode: "push" }]);
  });

  it("is not retried with another token once it was aborted", async () => {
    const preparing = new AbortController();
    const { origin, paths } = await startServer(({ path }) => {
      if (!path.endsWith("/register")) return path.endsWith("/heartbeat") ? [200, { status: "ok" }] : known();
      preparing.abort();
      return unauthorized;
    });
    const { client, storage } = workspaceAt(origin);
    await client.heartbeat();
    await storage.write(NEW_TOKEN);
    const { signal: prepareSignal } = preparing;
    const result = await client.checkAndRegister({ agentCard, prepareSignal });
    expect(result).toMatchObject({ ok: false, failure: { kind: "aborted", sent: "no" } });
    expect(paths().filter((path) => path.endsWith("/register"))).toHaveLength(1);
  });

  it("falls back to poll mode if a known workspace without a URL would need one", async () => {
    const { result, sent } = await registrations(known(), { answers: [URL_REQUIRED] });
    expect(result).toMatchObject({ ok: true });
    expect(sent).toEqual([
      { url: "", mode: undefined },
      { url: "", mode: "poll" },
    ]);
  });

  it("sends an unreachable URL to a platform without poll mode", async () => {
    const { result, sent } = await registrations(UNKNOWN, {
      answers: [[400, { error: "invalid request body" }]],
    });
    expect(result).toMatchObject({ ok: true });
    expect(sent).toEqual([
      { url: "", mode: "poll" },
      { url: `http://localhost:9/${ID}`, mode: "poll" },
    ]);
  });

  it("does not register a removed workspace", async () => {
    for (const status of [
      [410, { error: "workspace removed", id: ID }],
      known({ status: "removed" }),
    ] as const) {
      const { result, sent } = await registrations(status);
      expect(result).toMatchObject({
        ok: false,
        failure: { kind: "not_found", code: "WORKSPACE_REMOVED", sent: "no" },
      });
      expect(sent).toEqual([]);
    }
  });

  it.each<[string, Answer]>([
    ["an outage", [503, { error: "down" }]],
    ["an empty 404", [404]],
    ["a page", [200, "<html>"]],
    ["an answer about another workspace", [200, { id: "someone-else", status: "online" }]],
  ])("after %s sends nothing without a bearer; with one, it registers without a mode", async (_, status) => {
    const without = await registrations(status, { token: null });
    expect(without.result.ok).toBe(false);
    expect(without.sent).toEqual([]);
    const withBearer = await registrations(status, { answers: [URL_REQUIRED] });
    expect(withBearer.result).toMatchObject({ failure: { code: "URL_REQUIRED" } });
    expect(withBearer.sent).toEqual([{ url: "", mode: undefined }]);
  });

  it("is planned without network access", () => {
    expect(planRegistration({ ok: false, failure: { ...failure, code: "WORKSPACE_NOT_FOUND" } })).toEqual({
      action: "register",
      url: "",
      deliveryMode: "poll",
      orPoll: true,
    });
    expect(planRegistration({ ok: false, failure })).toMatchObject({
      action: "register_with_token",
      failure,
    });
  });

  const failure = {
    kind: "unavailable",
    code: "TIMEOUT",
    status: 0,
    message: "",
    retryAfterMs: 0,
    sent: "maybe",
  } as const;
});

describe("a registration without a bearer", () => {
  it("is sent only if a token could be stored; one with a bearer is not checked", async () => {
    const { origin, received } = await startServer(() => [200, { auth_token: NEW_TOKEN }]);
    let asked = 0;
    const beforeUnsigned = () => {
      asked += 1;
      throw new AuthError("STORAGE_WRITE_FAILED", "The directory cannot be written.");
    };
    const { client, storage } = workspaceAt(origin, { token: null });
    expect(await client.register({ agentCard, beforeUnsigned })).toMatchObject({
      ok: false,
      failure: {
        kind: "invalid",
        code: "STORAGE_WRITE_FAILED",
        message: "The directory cannot be written.",
        sent: "no",
      },
    });
    expect([asked, received.length]).toEqual([1, 0]);
    expect(await workspaceAt(origin).client.register({ agentCard, beforeUnsigned })).toMatchObject({
      ok: true,
    });
    expect(await client.register({ agentCard, beforeUnsigned: async () => {} })).toMatchObject({ ok: true });
    expect([asked, received.length, await storage.read()]).toEqual([1, 2, NEW_TOKEN]);
  });

  it("ends with its signal, even if the check hangs whatever its signal does", async () => {
    const { origin, received } = await startServer(() => [200, {}]);
    const { client } = workspaceAt(origin, { token: null });
    const beforeUnsigned = () => new Promise<void>(() => {});
    const signal = AbortSignal.timeout(20);
    expect(await client.register({ agentCard, beforeUnsigned, signal })).toMatchObject({
      failure: { code: "ABORTED", sent: "no" },
    });
    expect(received).toEqual([]);
  });

  it("hides other errors, and carries a token that has appeared since", async () => {
    const { origin, received } = await startServer(() => [200, {}]);
    const { client, storage } = workspaceAt(origin, { token: null });
    const failing = { agentCard, beforeUnsigned: () => Promise.reject(new Error(NEW_TOKEN)) };
    const result = await client.register(failing);
    expect(result).toMatchObject({ failure: { code: "STORAGE_WRITE_FAILED" } });
    expect(JSON.stringify(result)).not.toContain(NEW_TOKEN);
    await client.register({ agentCard, beforeUnsigned: () => storage.write(NEW_TOKEN) });
    expect(received.map(({ token }) => token)).toEqual([NEW_TOKEN]);
  });
});
