import { afterEach, expect, it } from "vitest";
import { createCircuitBreaker, type Issued, type Transport, type TransportRequest } from "../src/index.ts";
import { ID, NEW_TOKEN, OTHER_ID, TOKEN, workspaceAt } from "./support/client.ts";

const polluted: string[] = [];

function pollute(properties: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(properties)) {
    polluted.push(name);
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  }
}

afterEach(() => {
  for (const name of polluted.splice(0)) Reflect.deleteProperty(Object.prototype, name);
});

it("a polluted Object.prototype does not affect requests, their destination, or responses", async () => {
  const received: TransportRequest[] = [];
  const transport: Transport = {
    async request(request) {
      received.push(request);
      const text = request.url.endsWith("/state") ? '{"status":"online"}' : "{}";
      return { status: 200, headers: { get: () => null }, text };
    },
  };
  const issued: Issued[] = [];
  const { client, storage } = workspaceAt("https://p.example", {
    transport,
    breaker: createCircuitBreaker(),
  });
  pollute({
    auth_token: NEW_TOKEN,
    platform_inbound_secret: NEW_TOKEN,
    error: "workspace not found",
    busy: true,
    id: OTHER_ID,
    workspace_id: OTHER_ID,
    issues: "register",
    isMessage: true,
    signal: AbortSignal.abort(),
    timeoutMs: 0.001,
    url: "https://evil.example",
    deliveryMode: "push",
    errorRate: 1,
    currentTask: "polluted",
    includeRemoved: true,
    sinceId: "polluted",
    limit: 1,
    metadata: { polluted: true },
    beforeUnsigned: () => Promise.reject(new Error("polluted")),
    onIssued: (each: Issued) => issued.push(each),
    transport: { request: () => Promise.reject(new Error("polluted")) },
  });
  const results = [
    await client.register({ agentCard: {} }),
    await client.heartbeat(),
    await client.state(),
    await client.sendMessage({ to: OTHER_ID, text: "hi" }),
    await client.notify({ message: "x" }),
  ];
  await client.workspace();
  await client.activity();
  const again = workspaceAt("https://p.example", { transport });
  results.push(await again.client.heartbeat());
  for (const name of polluted.splice(0)) Reflect.deleteProperty(Object.prototype, name);

  expect(results.map(({ ok }) => ok)).toEqual(Array(6).fill(true));
  expect([issued, await storage.read(), await again.storage.read()]).toEqual([[], TOKEN, TOKEN]);
  expect(received.map(({ url }) => url.slice("https://p.example".length))).toEqual([
    "/registry/register",
    "/registry/heartbeat",
    `/workspaces/${ID}/state`,
    `/workspaces/${OTHER_ID}/a2a`,
    `/workspaces/${ID}/notify`,
    `/workspaces/${ID}`,
    `/workspaces/${ID}/activity`,
    "/registry/heartbeat",
  ]);
  expect(JSON.stringify(received.map(({ body }) => body))).not.toMatch(/evil|polluted|push/);
  expect(received[1]?.body).toContain('"error_rate":0');
  expect(received.map(({ timeoutMs, signal }) => [timeoutMs, signal])).toEqual(
    Array(8).fill([10_000, undefined]),
  );
});

it("a polluted Object.prototype does not complete an answer that broke off", async () => {
  const transport: Transport = { request: () => Promise.reject(new Error("cut")) };
  const { client, storage } = workspaceAt("https://p.example", { transport });
  const text = JSON.stringify({ auth_token: NEW_TOKEN });
  pollute({ received: { status: 200, headers: { get: () => null }, text } });
  expect(await client.register({ agentCard: {} })).toMatchObject({ ok: false });
  expect(await storage.read()).toBe(TOKEN);
});
