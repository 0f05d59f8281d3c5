import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { createScene, ID, sceneAfter } from "./scene.ts";

it("a pause that the platform asks a job for delays all other jobs, but no heartbeat", async () => {
  const { scene, runner } = await sceneAfter(3);
  const outage = { kind: "status", status: 429, retryAfterSeconds: 300 } as const;
  scene.emulator.outage(outage, { paths: ["/workspaces/*"] });
  const [before, heartbeats] = [scene.emulator.requests.length, scene.requests().length];
  await runner.step(10);
  const since = scene.emulator.requests.slice(before).filter(({ path }) => path.startsWith("/workspaces/"));
  expect(since.map(({ status }) => status)).toEqual([429]);
  expect(scene.requests().length - heartbeats).toBe(10);
  scene.emulator.outage(null);
  await runner.step(2);
  expect(scene.emulator.requests.at(-1)).toMatchObject({ status: 200 });
});

it("rejections cause registrations whether or not they are logged", async () => {
  const { scene, runner } = await sceneAfter(3);
  scene.emulator.outage({ kind: "status", status: 401 }, { paths: [`/workspaces/${ID}/delegations`] });
  const before = scene.registrations().length;
  while (scene.clock.monotonic() < 600_000) await runner.step();
  const failures = scene.events.flatMap((event) => (event.type === "job-failed" ? [event.count] : []));
  expect(failures.length).toBeGreaterThan(5);
  expect(scene.registrations().length - before).toBeGreaterThanOrEqual(failures.length - 1);
  expect(scene.log().match(/^warn delegations failed: 401/gm)).toHaveLength(3);
});

it("an agent leaves no listener on the runner's long-lived signal", async () => {
  const scene = await createScene();
  const { agent } = await scene.start();
  const { signal } = new AbortController();
  const step = async () => {
    await agent.step(signal);
    for (const job of agent.jobs) await agent.runJob(job, signal);
    await scene.clock.advance(30_000);
  };
  for (let taken = 0; taken < 4; taken += 1) await step();
  const listeners = getEventListeners(signal, "abort").length;
  for (let taken = 0; taken < 10; taken += 1) await step();
  scene.emulator.rotate(ID);
  await step();
  expect(getEventListeners(signal, "abort").length).toBe(listeners);
});

it("a platform of the first version, which requires a URL, accepts the registration, too", async () => {
  const { scene } = await sceneAfter(2, { contract: "v1" });
  expect(scene.statuses()).toEqual([400, 200, 200]);
  expect(scene.emulator.workspaces()).toMatchObject([{ id: ID, status: "online" }]);
});

it("every heartbeat contains every field, because an omitted one is set to zero", async () => {
  const { scene } = await sceneAfter(2);
  expect(Object.keys(scene.requests()[1]?.body ?? {}).sort()).toEqual([
    "active_tasks",
    "current_task",
    "error_rate",
    "is_busy",
    "monthly_spend",
    "runtime_metadata",
    "runtime_state",
    "sample_error",
    "schema_version",
    "uptime_seconds",
    "workspace_id",
  ]);
});

it("a heartbeat echoes the generation of the previous answer, and contains a changed agent card", async () => {
  const scene = await createScene();
  const runner = await scene.start();
  scene.emulator.nextResponseExtras(ID, { generation: 1 });
  await runner.step(2);
  scene.emulator.nextResponseExtras(ID, { generation: 7 });
  runner.agent.setCard({ name: "Seven of Nine" });
  await runner.step(3);
  const bodies = scene
    .requests()
    .filter(({ path }) => path === "/registry/heartbeat")
    .map(({ body }) => body as Record<string, unknown>);
  expect(bodies.map((body) => body.observed_generation)).toEqual([undefined, undefined, 7, 7]);
  expect(bodies.map((body) => body.agent_card)).toEqual([
    undefined,
    { name: "Seven of Nine" },
    undefined,
    undefined,
  ]);
});

it("a request that takes longer than 10 s is aborted and reported as a timeout", async () => {
  const { scene, runner } = await sceneAfter(2);
  scene.emulator.outage({ kind: "hang" });
  const step = runner.agent.step(new AbortController().signal);
  await expect.poll(() => scene.requests().length).toBe(3);
  await scene.clock.advance(10_000);
  expect(await step).toMatchObject({ wait: 5_000 });
  expect(scene.log()).toContain("heartbeat failed: no answer in time");
  expect(scene.codes().at(-1)).toBe("HEARTBEAT_FAILED:TIMEOUT");
});
