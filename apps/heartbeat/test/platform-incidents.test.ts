import { readFile } from "node:fs/promises";
import { inspect } from "node:util";
import { expect, it } from "vitest";
import { createScene, ID, sceneAfter } from "./scene.ts";

it("incident 3: the runner sends no unsigned request once there is a token", async () => {
  const scene = await createScene({ orgId: "org-1" });
  const runner = await scene.start({ MOLECULE_ORG_ID: "org-1" });
  await runner.step(3);
  scene.emulator.rotate(ID);
  await runner.step(6);
  const [first, ...rest] = scene.requests();
  expect(first?.headers).toMatchObject({ origin: scene.emulator.url, "x-molecule-org-id": "org-1" });
  for (const { headers } of rest) {
    expect(headers).toMatchObject({
      origin: scene.emulator.url,
      "x-molecule-org-id": "org-1",
      authorization: { scheme: "Bearer" },
    });
  }
  expect(rest.length).toBeGreaterThan(5);
});

it("incident 12: a tenant guard's answer is reported as a routing error, with the environment variable to set", async () => {
  const { scene, runner } = await sceneAfter(2);
  scene.emulator.outage({
    kind: "status",
    status: 400,
    body: JSON.stringify({ code: "TENANT_ORG_HEADER_REQUIRED", error: "tenant header required" }),
  });
  await runner.step();
  expect(scene.log()).toMatch(/error heartbeat failed: 400 .*set MOLECULE_ORG_ID/);
});

it("incident 13: an empty 404 is reported as a routing error, not as a deleted workspace", async () => {
  const { scene, runner } = await sceneAfter(2);
  scene.emulator.outage({ kind: "status", status: 404, body: "" });
  await runner.step();
  expect(scene.log()).toMatch(/error heartbeat failed: 404 without a body\. .*check PLATFORM_URL/);
  expect(scene.codes().at(-1)).toBe("HEARTBEAT_FAILED:EMPTY_NOT_FOUND");
  scene.emulator.outage({ kind: "status", status: 404, body: '{"error":"workspace not found"}' });
  await runner.step();
  expect(scene.log()).toMatch(/error heartbeat failed: 404 workspace not found\. .*create it there/);
  expect(scene.codes().at(-1)).toBe("HEARTBEAT_FAILED:WORKSPACE_NOT_FOUND");
});

it("incident 18: a platform that refuses connections for two minutes gets only a few requests", async () => {
  const { scene, runner } = await sceneAfter(2);
  scene.emulator.outage({ kind: "refuse" });
  const before = scene.requests().length;
  const until = scene.clock.monotonic() + 120_000;
  while (scene.clock.monotonic() < until) await runner.step();
  const sent = scene.events.filter(({ type }) => type === "failed").length;
  expect(sent).toBeGreaterThanOrEqual(3);
  expect(sent).toBeLessThanOrEqual(8);
  expect(scene.requests().length - before).toBeLessThanOrEqual(8);
});

it("incident 19: 530s, then 200: registered", async () => {
  const scene = await createScene();
  scene.emulator.outage({ kind: "status", status: 530 }, { forRequests: 3, paths: ["/registry/register"] });
  const runner = await scene.start();
  // One step more than requests: after the third failure no request is sent for 5 s.
  await runner.step(6);
  expect(scene.statuses()).toEqual([530, 530, 530, 200, 200]);
  expect(scene.requests().map(({ path }) => path.split("/").at(-1))).toEqual([
    ...Array(4).fill("register"),
    "heartbeat",
  ]);
  expect(scene.emulator.workspaces()).toMatchObject([{ id: ID, status: "online" }]);
});

it("incident 19: a platform that first answers only 530 gets no unnecessary registration", async () => {
  const scene = await createScene();
  scene.emulator.outage({ kind: "status", status: 530 }, { forRequests: 3 });
  const runner = await scene.start();
  await runner.step(6);
  const [first, second, third, ...rest] = scene.emulator.requests;
  for (const request of [first, second, third])
    expect(request).toMatchObject({ method: "GET", path: `/workspaces/${ID}`, status: 530 });
  expect(rest.every(({ status }) => status === 200)).toBe(false);
  expect(scene.registrations().map(({ status }) => status)).toEqual([200]);
  expect(scene.emulator.workspaces()).toMatchObject([{ id: ID, status: "online" }]);
});

it.each(["v1", "v2"] as const)(
  "incident 20: two missed heartbeats in a row do not take a workspace offline (%s)",
  async (contract) => {
    const scene = await createScene({ contract });
    const seen: string[] = [];
    scene.emulator.subscribe(({ type }) => seen.push(type));
    const runner = await scene.start();
    await runner.step(3);
    scene.emulator.outage({ kind: "status", status: 503 }, { forRequests: 2 });
    for (let taken = 0; taken < 3; taken += 1) {
      await runner.step();
      scene.emulator.workspaces();
    }
    expect(scene.statuses().slice(-3)).toEqual([503, 503, 200]);
    expect(seen).not.toContain("offline");
  },
);

it("incident 17: after the machine slept, a workspace registers again and is online", async () => {
  const { scene, runner } = await sceneAfter(3, { contract: "v1" });
  scene.clock.suspend(3_600_000);
  expect(scene.emulator.workspaces()).toMatchObject([{ status: "offline" }]);
  await runner.step();
  expect(scene.requests().at(-1)?.path).toBe("/registry/register");
  expect(scene.emulator.workspaces()).toMatchObject([{ status: "online" }]);
});

it("incident 30: no log line, at any level, contains a token", async () => {
  const { scene, runner } = await sceneAfter(2);
  const tokens = [await readFile(scene.file, "utf8")];
  tokens.push(scene.emulator.rotate(ID));
  await runner.step(8);
  tokens.push(await readFile(scene.file, "utf8"));
  const logged = [
    scene.log(),
    JSON.stringify(scene.events),
    inspect(scene.events, { depth: null }),
    inspect(runner, { depth: null, showHidden: true }),
    JSON.stringify(await runner.auth.explain()),
  ].join("\n");
  for (const token of tokens) expect(logged.includes(token)).toBe(false);
});
