import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { ID, type Scene, sceneAfter } from "./scene.ts";
import { clientOf } from "./support/clients.ts";

const DELEGATIONS = { paths: [`/workspaces/${ID}/delegations`] };

/** How often the workspace itself has registered. */
const registered = ({ events }: Scene) => events.filter(({ type }) => type === "registered").length;

/** Another client that registers as the workspace, without a token. */
async function knock({ emulator }: Scene): Promise<number> {
  const card = { agentCard: { name: "stranger" }, deliveryMode: "poll" } as const;
  const result = await clientOf(emulator, ID, undefined).register(card);
  return result.ok ? result.status : result.failure.status;
}

describe("a workspace whose token was revoked is open to other clients", () => {
  const missing = { kind: "status", status: 404, body: '{"error":"not found"}' } as const;
  const rejected = { kind: "status", status: 401, body: '{"error":"invalid workspace auth token"}' } as const;
  const state = { paths: [`/workspaces/${ID}/state`] };

  it.each([
    ["delegations are rejected", () => {}],
    [
      "there are no delegations, and /state is rejected",
      ({ emulator }) => emulator.outage(missing, DELEGATIONS),
    ],
  ] satisfies [string, (scene: Scene) => void][])(
    "until it registers, which it does at once when %s",
    async (_how, prepare) => {
      const { scene, runner } = await sceneAfter(3);
      prepare(scene);
      scene.emulator.revoke(ID);
      await runner.step();
      expect(scene.statuses().every((status) => status === 200)).toBe(true);
      expect(registered(scene)).toBe(2);
      expect(await knock(scene)).toBe(401);
      await runner.step(2);
      expect(registered(scene)).toBe(2);
      expect(scene.emulator.workspaces()).toMatchObject([{ liveTokens: 1 }]);
    },
  );

  it("or when its message about a result is", async () => {
    const { scene, runner } = await sceneAfter(2);
    scene.emulator.addDelegation(ID, { delegation_id: "d-1" });
    scene.emulator.outage(rejected, { paths: [`/workspaces/${ID}/a2a`, ...state.paths] });
    await runner.step();
    expect(registered(scene)).toBe(2);
  });

  it("requests /state every five minutes, whatever the answers to other jobs", async () => {
    const { scene, runner } = await sceneAfter(2);
    scene.emulator.outage(rejected, state);
    await runner.step(9);
    expect(registered(scene)).toBe(1);
    await runner.step(2);
    expect(registered(scene)).toBe(2);
  });
});

/** Another process has begun to rotate the token. Returns the path of its record. */
async function beginRotation({ spillFile }: Scene): Promise<string> {
  const directory = dirname(spillFile.replace("/unsaved/", "/rotations/"));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, ".rotation"), "rotation/1;0;;;;", { mode: 0o600 });
  return join(directory, ".rotation");
}

describe("a rotation by another process", () => {
  it("that has not stored the new token yet is waited for, without a registration", async () => {
    const { scene, runner } = await sceneAfter(3);
    const record = await beginRotation(scene);
    const fresh = scene.emulator.rotate(ID);
    const started = scene.clock.monotonic();
    await runner.step();
    await writeFile(scene.file, fresh);
    await rm(record);
    await runner.step();
    expect(scene.clock.monotonic() - started).toBeLessThan(32_000);
    expect(scene.registrations()).toHaveLength(1);
    expect(scene.statuses().slice(-2)).toEqual([401, 200]);
  });

  it("that was killed is waited for once: then a workspace that stands open registers", async () => {
    const { scene, runner } = await sceneAfter(3);
    await beginRotation(scene);
    scene.emulator.revoke(ID);
    await runner.step();
    expect(registered(scene)).toBe(1);
    await runner.step(2);
    expect(registered(scene)).toBe(2);
    expect(await knock(scene)).toBe(401);
  });

  it("that was killed is waited for once: then the workspace registers as after any other rejection", async () => {
    const { scene, runner } = await sceneAfter(3);
    await beginRotation(scene);
    scene.emulator.rotate(ID);
    await runner.step(3);
    expect(scene.registrations().length).toBeGreaterThan(1);
  });
});

describe("while heartbeats are accepted", () => {
  it("a rejected token is replaced at once, whatever failed before it", async () => {
    const { scene, runner } = await sceneAfter(3);
    scene.emulator.outage({ kind: "status", status: 503 }, DELEGATIONS);
    await runner.step(4);
    scene.emulator.outage(null);
    scene.emulator.revoke(ID);
    await runner.step(3);
    expect(scene.log()).toMatch(/warn delegations failed: 401 .*\(first time/);
    expect(scene.registrations()).toHaveLength(2);
  });

  it("a workspace without a status at the platform is not registered again: it may be removed", async () => {
    const { scene, runner } = await sceneAfter(3);
    const token = await readFile(scene.file, "utf8");
    scene.emulator.outage({ kind: "status", status: 503 }, { paths: [`/workspaces/${ID}`] });
    scene.emulator.remove(ID);
    await runner.step(4);
    expect(scene.registrations()).toHaveLength(1);
    expect(await readFile(scene.file, "utf8")).toBe(token);
  });
});
