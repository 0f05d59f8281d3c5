import { SendMessageRequest } from "@a2a-js/sdk";
import { expect, it, onTestFinished } from "vitest";
import { agent } from "../src/agent.ts";
import { mcpServer } from "../src/mcp-server.ts";
import { startPlatform } from "../src/platform.ts";
import { promised, run } from "../src/run.ts";

it("an MCP client still lists tools after a rotation, and sends no token to a foreign server", async () => {
  const { rotate, statuses, foreign } = await startPlatform({ "/mcp": mcpServer });
  const { made, printed } = await run("MCP", ["client", "connect"]);
  onTestFinished(() => made.client.close());
  expect(printed).toEqual(["weather"]);
  expect(promised("MCP")).toEqual(["[ 'weather' ]"]);

  rotate();
  const { tools } = await made.client.listTools();
  expect(tools).toHaveLength(1);
  await expect.poll(() => statuses().filter((status) => status === 401)).toHaveLength(1);

  await made.connect(`${foreign.url}/mcp`).catch(() => null);
  expect(foreign.received.length).toBeGreaterThan(0);
  for (const { authorization } of foreign.received) expect(authorization).toBeUndefined();
});

it("an A2A client still gets answers after a rotation, and sends no token to a foreign agent", async () => {
  const { rotate, statuses, foreign } = await startPlatform({ "/agents/birch": agent });
  const { made, printed } = await run("A2A", ["client", "factory", "message"]);
  expect(printed).toEqual(promised("A2A"));

  rotate();
  const { parts } = await made.client.sendMessage(SendMessageRequest.fromJSON({ message: made.message }));
  expect(parts).toHaveLength(1);
  // The card, a message, and another one after the rotation.
  await expect.poll(statuses).toEqual([200, 200, 401, 200]);

  await made.factory.createFromUrl(`${foreign.url}/`).catch(() => null);
  expect(foreign.received.length).toBeGreaterThan(0);
  for (const { authorization } of foreign.received) expect(authorization).toBeUndefined();
});
