import { runInNewContext } from "node:vm";
import { AuthError } from "@x/auth-core";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createPlatformClient, type Issued, type Transport, type TransportResponse } from "../src/index.ts";
import { ID, NEW_TOKEN, OTHER_ID, TOKEN, workspaceAt } from "./support/client.ts";
import { startServer } from "./support/server.ts";

const SECRET = "the-secret-that-the-platform-calls-with";
const issuing = (body: unknown = { auth_token: NEW_TOKEN, platform_inbound_secret: SECRET }) =>
  startServer(() => [200, body]);

describe("a token in the response", () => {
  it.each(["register", "heartbeat", "rotate"] as const)(
    "to %s is saved, and used immediately",
    async (route) => {
      const body = { auth_token: NEW_TOKEN, connection: { auth_token: NEW_TOKEN, workspace_id: ID } };
      const { origin } = await issuing(body);
      const { client, storage, auth } = workspaceAt(origin);
      const result = await (route === "register" ? client.register({ agentCard: {} }) : client[route]());
      expect(result).toMatchObject({ ok: true, value: { tokenReceived: true } });
      expect([await storage.read(), await auth.getToken()]).toEqual([NEW_TOKEN, NEW_TOKEN]);
      expect(JSON.stringify(result)).not.toContain(NEW_TOKEN);
    },
  );

  it("is saved with options that are null, as JSON has them, and counts as received", async () => {
    const { origin } = await issuing();
    const none = { signal: null, timeoutMs: null } as object;
    const absent = { onIssued: null, timeoutMs: null, clock: null, userAgent: null } as object;
    const { client, storage } = workspaceAt(origin, { token: null, ...absent });
    const request = { agentCard: {}, ...({ ...none, url: null, prepareSignal: null } as object) };
    expect(await client.register(request)).toMatchObject({ value: { tokenReceived: true } });
    expect(await storage.read()).toBe(NEW_TOKEN);
    expect(await client.checkAndRegister(request)).toMatchObject({ ok: true });
    expect(await client.heartbeat({ currentTask: null, ...none } as object, none)).toMatchObject({
      ok: true,
    });
  });

  it("is passed to onIssued with the secret, its audience and the bearer that was sent", async () => {
    const { origin } = await issuing();
    const issued: Issued[] = [];
    const { client, storage } = workspaceAt(origin, { onIssued: (each) => void issued.push(each) });
    await client.register({ agentCard: {} });
    expect(issued).toEqual([
      {
        workspaceId: ID,
        platformOrigin: origin,
        route: "register",
        token: NEW_TOKEN,
        inboundSecret: SECRET,
        sentWith: TOKEN,
      },
    ]);
    expect(await storage.read()).toBe(TOKEN);
  });

  it("incident 16: to a heartbeat comes with the inbound secret", async () => {
    const { origin } = await issuing({ status: "ok", platform_inbound_secret: SECRET });
    const issued: Issued[] = [];
    const { client } = workspaceAt(origin, { token: null, onIssued: (each) => void issued.push(each) });
    expect(await client.heartbeat()).toMatchObject({ value: { tokenReceived: false } });
    expect(issued).toMatchObject([{ route: "heartbeat", inboundSecret: SECRET, sentWith: null }]);
  });

  it("that was minted is only returned to the caller, hidden from logs, and never replaces the other", async () => {
    const { origin } = await issuing({ auth_token: NEW_TOKEN, workspace_id: ID });
    const { client, storage } = workspaceAt(origin);
    const result = await client.tokens.mint();
    expect(result).toMatchObject({ ok: true, value: { tokenReceived: true } });
    expect(result.ok && result.value.token).toBe(NEW_TOKEN);
    expect(JSON.stringify(result)).not.toContain(NEW_TOKEN);
    expect(await storage.read()).toBe(TOKEN);
  });

  it("that was minted is returned even if the caller's own onIssued rejects it", async () => {
    const { origin } = await issuing({ auth_token: NEW_TOKEN });
    const onIssued = () => Promise.reject(new AuthError("TOKEN_INVALID", "The vault wants no such token."));
    const result = await workspaceAt(origin, { onIssued }).client.tokens.mint();
    expect(result).toMatchObject({ ok: true, value: { unsaved: { code: "TOKEN_INVALID" } } });
    expect(result.ok && result.value.token).toBe(NEW_TOKEN);
  });

  it("of any other route is ignored, because agents and pages control its content", async () => {
    const connection = { auth_token: NEW_TOKEN };
    const result = { auth_token: NEW_TOKEN };
    const { origin } = await issuing({
      auth_token: NEW_TOKEN,
      platform_inbound_secret: SECRET,
      connection,
      result,
      id: ID,
      status: "online",
      tokens: [],
    });
    const issued: Issued[] = [];
    const { client, storage, auth } = workspaceAt(origin, { onIssued: (each) => void issued.push(each) });
    await client.sendMessage({ to: OTHER_ID, text: "hi" });
    await Promise.all([
      client.workspace(),
      client.state(),
      client.notify({ message: "x" }),
      client.updateCard({}),
    ]);
    await Promise.all([
      client.tokens.list(),
      client.tokens.revoke("t"),
      client.health(),
      client.delegations(),
    ]);
    expect(issued).toEqual([]);
    expect([await storage.read(), await auth.getToken()]).toEqual([TOKEN, TOKEN]);
  });

  it.each([
    ["of a failure", 400, { auth_token: NEW_TOKEN }],
    ["about another workspace", 200, { auth_token: NEW_TOKEN, id: OTHER_ID }],
    ["that inherits it", 200, '{"__proto__":{"auth_token":"polluted-token-polluted-token"}}'],
    ["that is null", 200, { auth_token: null }],
    ["that is blank", 200, { auth_token: "  " }],
  ])("%s is ignored", async (_, status, body) => {
    const { origin } = await startServer(() => [status, body]);
    const { client, storage } = workspaceAt(origin);
    const result = await client.register({ agentCard: {} });
    expect(result.ok && result.value.tokenReceived).toBe(false);
    expect(await storage.read()).toBe(TOKEN);
  });

  it.each(["bad\ntoken", 7, { text: NEW_TOKEN }, [NEW_TOKEN], true])(
    "that is invalid is reported, and not passed on: %j",
    async (auth_token) => {
      const { origin } = await issuing({ auth_token });
      const issued: Issued[] = [];
      const { client } = workspaceAt(origin, { onIssued: (each) => void issued.push(each) });
      expect(await client.register({ agentCard: {} })).toMatchObject({
        ok: true,
        value: { tokenReceived: true, unsaved: { code: "TOKEN_INVALID" } },
      });
      expect(issued).toEqual([]);
      expect(await client.tokens.mint()).toMatchObject({ ok: false });
    },
  );

  it("incident 14: that cannot be stored is still used, and the result says so", async () => {
    const { origin } = await issuing();
    const { client, storage, auth } = workspaceAt(origin);
    const fail = () => Promise.reject(new Error(`cannot write ${NEW_TOKEN}`));
    Object.assign(storage, { write: fail, replace: fail });
    const result = await client.register({ agentCard: {} });
    expect(result).toMatchObject({
      value: { tokenReceived: true, unsaved: { code: "STORAGE_WRITE_FAILED" } },
    });
    expect(await auth.getToken()).toBe(NEW_TOKEN);
    expect(JSON.stringify(result)).not.toContain(NEW_TOKEN);
  });

  it.each([
    ["rejects", () => Promise.reject(new Error(NEW_TOKEN))],
    [
      "throws",
      () => {
        throw new AuthError("STORAGE_WRITE_FAILED", "The disk is full.");
      },
    ],
  ])("is reported as unsaved if onIssued %s", async (_, onIssued) => {
    const { origin } = await issuing();
    const result = await workspaceAt(origin, { onIssued }).client.register({ agentCard: {} });
    expect(result).toMatchObject({
      value: { tokenReceived: true, unsaved: { code: "STORAGE_WRITE_FAILED" } },
    });
    expect(String(result.ok && result.value.unsaved)).not.toContain(NEW_TOKEN);
  });

  it("replaces the token that the request carried, but not one stored since", async () => {
    const newer = "a-token-that-an-operator-stored-meanwhile";
    let beforeAnswer = () => {};
    const { origin } = await startServer(() => {
      beforeAnswer();
      return [200, { auth_token: NEW_TOKEN }];
    });
    const { client, storage } = workspaceAt(origin);
    beforeAnswer = () => void storage.write(newer);
    expect(await client.register({ agentCard: {} })).toMatchObject({
      ok: true,
      value: { tokenReceived: true, unsaved: { code: "STORAGE_CONFLICT" } },
    });
    expect(await storage.read()).toBe(newer);
  });

  it("is passed to an onIssued of another realm, whose promise is awaited", async () => {
    const { origin } = await issuing();
    // From another realm, as in a page's frame: not an instance of this realm's Promise.
    const onIssued: () => Promise<void> = runInNewContext("() => Promise.reject(new Error('no'))");
    expect(await workspaceAt(origin, { onIssued }).client.register({ agentCard: {} })).toMatchObject({
      value: { tokenReceived: true, unsaved: { code: "STORAGE_WRITE_FAILED" } },
    });
  });

  it("for a registered workspace is used immediately, and never replaces the single workspace's", async () => {
    const { origin } = await issuing();
    const { auth, storage } = workspaceAt(origin);
    auth.registerWorkspaceToken(OTHER_ID, "the-old-token-of-the-other-workspace");
    const client = createPlatformClient({ auth, platformUrl: origin, workspaceId: OTHER_ID });
    expect(await client.register({ agentCard: {} })).toMatchObject({
      value: { tokenReceived: true, unsaved: { code: "STORAGE_WRITE_FAILED" } },
    });
    expect([auth.getWorkspaceToken(OTHER_ID), await storage.read()]).toEqual([NEW_TOKEN, TOKEN]);
  });

  it("is durable before the call resolves", async () => {
    const { origin } = await issuing();
    const order: string[] = [];
    const onIssued = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push("stored");
    };
    await workspaceAt(origin, { onIssued }).client.register({ agentCard: {} });
    order.push("settled");
    expect(order).toEqual(["stored", "settled"]);
  });
});

describe("an abort while a token may be in flight", () => {
  /** A request in flight, its response, and its abort. */
  function inFlight() {
    const controller = new AbortController();
    let answer = (_: TransportResponse) => {};
    let isGivenUp = false;
    const transport: Transport = {
      request: ({ signal }) =>
        new Promise((resolve, reject) => {
          answer = resolve;
          signal?.addEventListener("abort", () => {
            isGivenUp = true;
            reject(signal.reason);
          });
        }),
    };
    const { client, storage } = workspaceAt("https://p.example", { token: null, transport });
    const registered = client.register({ agentCard: {}, signal: controller.signal });
    const response = { status: 200, headers: { get: () => null }, text: `{"auth_token":"${NEW_TOKEN}"}` };
    return {
      controller,
      storage,
      client,
      registered,
      answer: () => answer(response),
      isGivenUp: () => isGivenUp,
    };
  }

  it("does not lose it: the response is awaited, and the token saved", async () => {
    const { controller, storage, registered, answer, isGivenUp } = inFlight();
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect(isGivenUp()).toBe(false);
    answer();
    expect(await registered).toMatchObject({ ok: true, value: { tokenReceived: true } });
    expect(await storage.read()).toBe(NEW_TOKEN);
  });

  it("waits at most 3 s for a missing response, and not at all for a heartbeat's", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const { controller, client, registered, isGivenUp } = inFlight();
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    vi.advanceTimersByTime(2_999);
    expect(isGivenUp()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await registered).toMatchObject({ failure: { kind: "aborted", code: "ABORTED", sent: "maybe" } });

    const { signal, abort } = abortable();
    const heartbeat = client.heartbeat({}, { signal });
    await new Promise((resolve) => setImmediate(resolve));
    abort();
    expect(await heartbeat).toMatchObject({ failure: { kind: "aborted", sent: "maybe" } });
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
