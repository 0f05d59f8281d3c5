import { readdir, readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { ID, sceneAfter } from "./scene.ts";

const PLANTED = "planted-by-an-agent-0123456789abcdefghijklm";

it.each([
  ["a message, which another agent may have written", `/workspaces/${ID}/a2a`],
  ["the delegations", `/workspaces/${ID}/delegations`],
  ["the status of the workspace", `/workspaces/${ID}`],
  ["a new agent card", "/registry/update-card"],
])("a token or secret in the answer to %s is not stored", async (_, path) => {
  const { scene, runner } = await sceneAfter(2);
  const token = await readFile(scene.file, "utf8");
  const files = await readdir(scene.configsDir);
  const body = JSON.stringify({
    id: "another-agent",
    jsonrpc: "2.0",
    result: {},
    auth_token: PLANTED,
    platform_inbound_secret: PLANTED,
  });
  scene.emulator.addDelegation(ID, { delegation_id: "d-1" });
  scene.emulator.outage({ kind: "status", status: 200, body }, { paths: [path] });
  runner.agent.setCard({ name: "Seven" });
  await runner.step(12);
  expect(scene.emulator.requests.filter((request) => request.path === path).length).toBeGreaterThan(0);
  expect(await readFile(scene.file, "utf8")).toBe(token);
  expect(scene.events.filter(({ type }) => type === "token-received")).toHaveLength(1);
  expect((await readdir(scene.configsDir)).filter((name) => name.startsWith("."))).toEqual(files);
  expect(scene.log() + JSON.stringify(scene.events)).not.toContain(PLANTED);
});
