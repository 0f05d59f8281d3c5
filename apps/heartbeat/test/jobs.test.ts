import { mkdirSync, renameSync } from "node:fs";
import { appendFile, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createScene, ID, type Scene, sceneAfter } from "./scene.ts";

const resultsFile = ({ configsDir }: Scene) => join(configsDir, "delegation_results.jsonl");
const resultsOf = async (scene: Scene) =>
  (await readFile(resultsFile(scene), "utf8"))
    .trim()
    .split("\n")
    .map((line): { id?: string; announced?: string[] } => JSON.parse(line))
    .flatMap(({ id }) => id ?? []);
const messages = ({ emulator }: Scene) => emulator.requests.filter(({ path }) => path.endsWith("/a2a"));
const saw = ({ events }: Scene, type: string) => events.filter((event) => event.type === type).length;

describe("delegations", () => {
  it("that finish are stored in the results file, and the workspace announces them to itself", async () => {
    const { scene, runner } = await sceneAfter(2);
    scene.emulator.addDelegation(ID, { delegation_id: "d-1", status: "in_progress" });
    await runner.step();
    expect(messages(scene)).toHaveLength(0);
    scene.emulator.addDelegation(ID, { delegation_id: "d-1", response_preview: "done" });
    await runner.step();
    expect(await resultsOf(scene)).toEqual(["d-1"]);
    expect((await stat(resultsFile(scene))).mode & 0o777).toBe(0o600);
    expect(messages(scene)).toHaveLength(1);
    expect(messages(scene)[0]).toMatchObject({
      path: `/workspaces/${ID}/a2a`,
      status: 200,
      headers: { "x-workspace-id": ID, authorization: { scheme: "Bearer" }, origin: scene.emulator.url },
    });
    expect(JSON.stringify(messages(scene)[0]?.body)).not.toContain("done");
  });

  it("incident 23: a self-message that is queued is not sent again", async () => {
    const { scene, runner } = await sceneAfter(2);
    scene.emulator.addDelegation(ID, { delegation_id: "d-1" });
    await runner.step(10);
    expect(messages(scene)).toHaveLength(1);
  });

  it("are announced at most once a minute, grouping those in between", async () => {
    const { scene, runner } = await sceneAfter(2);
    for (const id of ["d-1", "d-2", "d-3"]) {
      scene.emulator.addDelegation(ID, { delegation_id: id });
      await runner.step();
    }
    // Heartbeats are 30 s apart: the second result waits for the third.
    expect(messages(scene)).toHaveLength(2);
    expect(JSON.stringify(messages(scene)[1]?.body)).toContain("2 delegations");
  });

  it("incident 24: with a foreign source are dropped and reported once", async () => {
    const scene = await createScene();
    const runner = await scene.start();
    scene.emulator.addDelegation(ID, { delegation_id: "d-1", source_id: "another-workspace" });
    await runner.step(5);
    expect(saw(scene, "delegations-foreign")).toBe(1);
    expect(saw(scene, "delegations-finished")).toBe(0);
    expect(scene.log()).toContain("warn dropped 1 delegation row with");
    expect(messages(scene)).toHaveLength(0);
  });

  it("incident 25: none of 200 old rows is delivered twice across restarts", async () => {
    const scene = await createScene();
    let runner = await scene.start();
    await runner.step(2);
    for (let batch = 0; batch < 4; batch += 1) {
      for (let n = 0; n < 50; n += 1) {
        scene.emulator.addDelegation(ID, { delegation_id: `d-${batch}-${n}` });
        scene.clock.stall(1);
      }
      await runner.step();
    }
    expect(new Set(await resultsOf(scene)).size).toBe(200);
    for (let restart = 0; restart < 3; restart += 1) {
      runner = await scene.start();
      await runner.step(4);
    }
    expect(await resultsOf(scene)).toHaveLength(200);
    expect(messages(scene).length).toBeLessThanOrEqual(5);
  });

  it("survive a results file with a last line cut off by a crash", async () => {
    const { scene, runner } = await sceneAfter(1);
    scene.emulator.addDelegation(ID, { delegation_id: "d-1" });
    await runner.step(1);
    const path = resultsFile(scene);
    await appendFile(path, '{"id":"d-');
    scene.emulator.addDelegation(ID, { delegation_id: "d-2" });
    await (await scene.start()).step(2);
    expect(await readFile(path, "utf8")).toMatch(/^\{"id":"d-\n\{"id":"d-2"/m);
  });

  it("that cannot be stored are reported, not announced, and retried", async () => {
    const { scene, runner } = await sceneAfter(2);
    const path = resultsFile(scene);
    await mkdir(path);
    scene.emulator.addDelegation(ID, { delegation_id: "d-1" });
    await runner.step();
    expect(scene.log()).toMatch(
      /error the results of delegations cannot be stored: .*it is a directory, not a file\. Move it away/,
    );
    expect(scene.statuses()).toEqual([200, 200, 200]);
    expect(messages(scene)).toHaveLength(0);
    await rm(path, { recursive: true });
    await runner.step();
    expect(await resultsOf(scene)).toEqual(["d-1"]);
  });
});

it("delegations are announced once, though the disk does not take that they were", async () => {
  const { scene, runner } = await sceneAfter(2);
  const path = resultsFile(scene);
  scene.emulator.addDelegation(ID, { delegation_id: "d-1" });
  // What is there when the message goes out is no file any more.
  const sending = scene.emulator.subscribe(({ type }) => {
    if (type !== "message") return;
    renameSync(path, `${path}.kept`);
    mkdirSync(path);
  });
  await runner.step();
  sending();
  expect(messages(scene)).toHaveLength(1);
  expect(scene.log()).toContain("the results of delegations cannot be stored");
  await runner.step(3);
  await rm(path, { recursive: true });
  await rename(`${path}.kept`, path);
  await runner.step(5);
  expect(messages(scene)).toHaveLength(1);
  expect(await readFile(path, "utf8")).toContain('{"announced":["d-1"]}');
});

describe("a backlog of delegations", () => {
  it("on a machine without a record is not announced; later ones are, even across a restart", async () => {
    const scene = await createScene();
    scene.emulator.addDelegation(ID, { delegation_id: "old" });
    scene.emulator.addDelegation(ID, { delegation_id: "open", status: "in_progress" });
    await (await scene.start()).step(3);
    expect(await resultsOf(scene)).toEqual([]);
    expect(messages(scene)).toHaveLength(0);
    scene.emulator.addDelegation(ID, { delegation_id: "open" });
    await (await scene.start()).step(3);
    expect(await resultsOf(scene)).toEqual(["open"]);
    expect(messages(scene)).toHaveLength(1);
  });

  it("is not requested again with a token that was just rejected", async () => {
    const { scene, runner } = await sceneAfter(2);
    scene.emulator.outage(
      { kind: "status", status: 401, body: "{}" },
      { paths: [`/workspaces/${ID}/delegations`] },
    );
    await runner.step();
    const jobs = runner.agent.jobs.map((job) => runner.agent.runJob(job, new AbortController().signal));
    await Promise.all(jobs);
    const asked = scene.emulator.requests.filter(
      ({ path, status }) => path.endsWith("/delegations") && status === 401,
    );
    expect(asked).toHaveLength(1);
  });
});

describe("the platform's inbound secret", () => {
  it("incident 16: is stored next to the token, 0600, from any response that contains it", async () => {
    const scene = await createScene();
    const path = join(scene.configsDir, ".platform_inbound_secret");
    const runner = await scene.start();
    scene.emulator.nextResponseExtras(ID, { platform_inbound_secret: "secret-from-register" });
    await runner.step();
    expect(await readFile(path, "utf8")).toBe("secret-from-register");
    scene.emulator.nextResponseExtras(ID, { platform_inbound_secret: "secret-from-a-heartbeat" });
    await runner.step();
    expect(await readFile(path, "utf8")).toBe("secret-from-a-heartbeat");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(scene.log()).not.toContain("secret-from");
  });
});

describe("the agent card", () => {
  it("is sent to the platform once for each change", async () => {
    const { scene, runner } = await sceneAfter(2);
    runner.agent.setCard({ name: "Seven of Nine" });
    await runner.step(3);
    const updates = scene.requests().filter(({ path }) => path === "/registry/update-card");
    expect(updates.map(({ status }) => status)).toEqual([200]);
    expect(scene.emulator.workspaces()).toMatchObject([{ agentCard: { name: "Seven of Nine" } }]);
  });
});
