import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { ID, NEW_TOKEN, OTHER_ID, TOKEN, workspaceAt } from "./support/client.ts";
import { startServer } from "./support/server.ts";

const REGISTERED = JSON.stringify({ status: "registered", auth_token: NEW_TOKEN, delivery_mode: "poll" });
const ROTATED = JSON.stringify({ connection: { workspace_id: ID, auth_token: NEW_TOKEN, note: "" } });
/** A card's words are not the platform's. */
const REGISTERED_CARD = JSON.stringify({ name: "Seven", auth_token: `${NEW_TOKEN}-of-a-card` });
const AFTER_TOKEN = NEW_TOKEN.length + 1;

interface Cut {
  readonly status?: number;
  /** The connection is closed; else it stays open, and nothing more comes. */
  readonly isClosed?: boolean;
}

/** Sends the beginning of an answer, and never its end. */
function platformThatSends(text: string, { status = 200, isClosed = true }: Cut = {}) {
  return startServer((_, response: ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json" }).write(text);
    if (isClosed) setTimeout(() => response.destroy(), 50);
    return null;
  });
}

const upToToken = (text: string) => text.slice(0, text.indexOf(NEW_TOKEN) + AFTER_TOKEN);

describe("a token in an answer that breaks off after it", () => {
  it.each([
    ["cut half way, to a registration", "register", upToToken(REGISTERED), true],
    ["whole but without an end, to a registration", "register", REGISTERED, false],
    ["cut half way, to a rotation", "rotate", upToToken(ROTATED), true],
    ["whole but without an end, to a rotation", "rotate", ROTATED, false],
    ["cut half way, to a heartbeat", "heartbeat", upToToken(REGISTERED), true],
  ] as const)("is stored: %s", async (_, route, text, isClosed) => {
    const { origin } = await platformThatSends(text, { isClosed });
    const { client, storage } = workspaceAt(origin, { timeoutMs: isClosed ? 20_000 : 2_000 });
    const result = await (route === "register" ? client.register({ agentCard: {} }) : client[route]());
    expect(result).toMatchObject({ ok: true, value: { tokenReceived: true } });
    expect(await storage.read()).toBe(NEW_TOKEN);
  });

  it("is stored although a part of the answer holds another one", async () => {
    const { origin } = await platformThatSends(
      `{"agent_card":${REGISTERED_CARD},${upToToken(REGISTERED).slice(1)}`,
    );
    const { client, storage } = workspaceAt(origin);
    expect(await client.register({ agentCard: {} })).toMatchObject({ ok: true });
    expect(await storage.read()).toBe(NEW_TOKEN);
  });

  it("is stored although the connection was in use before, and the heartbeat could be repeated", async () => {
    const cut = { text: "" };
    const { origin, received } = await startServer((_, response: ServerResponse) => {
      if (cut.text === "") return [200, {}];
      response.writeHead(200).write(cut.text);
      setTimeout(() => response.destroy(), 50);
      return null;
    });
    const { client, storage } = workspaceAt(origin);
    await client.heartbeat();
    cut.text = upToToken(REGISTERED);
    expect(await client.heartbeat()).toMatchObject({ ok: true, value: { tokenReceived: true } });
    expect(await storage.read()).toBe(NEW_TOKEN);
    expect(received).toHaveLength(2);
  });

  it("and that was minted is the caller's", async () => {
    const { origin } = await platformThatSends(upToToken(REGISTERED));
    const { client } = workspaceAt(origin);
    const result = await client.tokens.mint();
    expect(result.ok && result.value.token).toBe(NEW_TOKEN);
  });

  it("is stored when the transport's error and response are of classes with getters", async () => {
    class Cut extends Error {
      readonly status = 200;
      readonly text = upToToken(REGISTERED);
      get headers() {
        return { get: () => null };
      }
      get received() {
        return this;
      }
    }
    const transport = { request: () => Promise.reject(new Cut()) };
    const { client, storage } = workspaceAt("https://p.example", { transport });
    expect(await client.register({ agentCard: {} })).toMatchObject({ ok: true });
    expect(await storage.read()).toBe(NEW_TOKEN);
  });

  it("is stored when the request was aborted meanwhile", async () => {
    const { origin } = await platformThatSends(REGISTERED, { isClosed: false });
    const { client, storage } = workspaceAt(origin, { timeoutMs: 4_000 });
    const result = await client.register({ agentCard: {}, signal: AbortSignal.timeout(1_000) });
    expect(result).toMatchObject({ ok: true });
    expect(await storage.read()).toBe(NEW_TOKEN);
  });
});

describe("a token in an answer that ends without an error but is not JSON", () => {
  it.each([
    ["cut, to a registration", "register", upToToken(REGISTERED)],
    ["cut, to a rotation", "rotate", upToToken(ROTATED)],
    ["cut, to a heartbeat", "heartbeat", upToToken(REGISTERED)],
    ["with a script appended", "register", `${REGISTERED}<script src="//edge.example/a.js"></script>`],
    ["with a control character after it", "register", REGISTERED.replace("poll", "\0")],
  ] as const)("is stored: %s", async (_, route, text) => {
    const { origin } = await startServer(() => [200, text]);
    const { client, storage } = workspaceAt(origin);
    const result = await (route === "register" ? client.register({ agentCard: {} }) : client[route]());
    expect(result).toMatchObject({ ok: true, value: { tokenReceived: true } });
    expect(await storage.read()).toBe(NEW_TOKEN);
  });

  it.each([
    ["cut within it", REGISTERED.slice(0, REGISTERED.indexOf(NEW_TOKEN) + 9), 200],
    ["a failure", upToToken(REGISTERED), 500],
    ["a web page that quotes one", `<html>${REGISTERED}</html>`, 200],
  ])("is not taken: %s", async (_, text, status) => {
    const { origin } = await startServer(() => [status, text]);
    const { client, storage } = workspaceAt(origin);
    expect(await client.register({ agentCard: {} })).toMatchObject({ ok: false });
    expect(await storage.read()).toBe(TOKEN);
  });

  it("is not taken if it is about another workspace", async () => {
    const { origin } = await startServer(() => [
      200,
      `{"id":"${OTHER_ID}",${upToToken(REGISTERED).slice(1)}`,
    ]);
    const { client, storage } = workspaceAt(origin);
    const failure = { code: "RESPONSE_OTHER_WORKSPACE" };
    expect(await client.register({ agentCard: {} })).toMatchObject({ failure });
    expect(await storage.read()).toBe(TOKEN);
  });
});

describe("no token is taken from an answer that breaks off", () => {
  it.each([
    ["within it", REGISTERED.slice(0, REGISTERED.indexOf(NEW_TOKEN) + 9), 200],
    ["and is a failure", upToToken(REGISTERED), 500],
    ["and holds one in a part of it", `{"agent_card":${REGISTERED_CARD},"status":"regis`, 200],
    ["and is about another workspace", `{"id":"${OTHER_ID}",${upToToken(REGISTERED).slice(1)}`, 200],
    ["and only quotes one", JSON.stringify({ error: REGISTERED, rest: "" }).slice(0, -2), 200],
  ])("%s", async (_, text, status) => {
    const { origin } = await platformThatSends(text, { status });
    const { client, storage } = workspaceAt(origin);
    expect(await client.register({ agentCard: {} })).toMatchObject({ ok: false });
    expect(await storage.read()).toBe(TOKEN);
  });

  it("to a request that issues none, and its failure shows nothing of it", async () => {
    const { origin } = await platformThatSends(upToToken(REGISTERED));
    const { client, storage } = workspaceAt(origin);
    const result = await client.workspace();
    expect(result).toMatchObject({ ok: false, failure: { sent: "maybe" } });
    expect(JSON.stringify(result)).not.toContain(NEW_TOKEN);
    expect(await storage.read()).toBe(TOKEN);
  });
});
