import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { createScene, ID } from "./scene.ts";

const DELEGATIONS = { paths: [`/workspaces/${ID}/delegations`] };

describe("while heartbeats are accepted", () => {
  it("a token that was revoked, though heartbeats are answered 200, is replaced by registering again", async () => {
    const scene = await createScene();
    const runner = await scene.start();
    await runner.step(3);
    const old = await readFile(scene.file, "utf8");
    scene.emulator.revoke(ID);
    await runner.step(5);
    expect(scene.statuses().every((status) => status === 200)).toBe(true);
    expect(await readFile(scene.file, "utf8")).not.toBe(old);
    expect(scene.log()).toMatch(/warn delegations failed: 401 .*\(first time/);
    const { path, status } = scene.emulator.requests.at(-1) ?? {};
    expect([path, status]).toEqual([`/workspaces/${ID}/delegations`, 200]);
  });

  it("a removed one is not registered again for its rejected token, and is reported as removed at once", async () => {
    const scene = await createScene();
    const runner = await scene.start();
    await runner.step(3);
    scene.emulator.remove(ID);
    await runner.step(3);
    expect(scene.log()).toContain("the platform says this workspace was removed");
    expect(scene.registrations()).toHaveLength(1);
  });

  it("a rejected token is replaced at once, whatever failed before it", async () => {
    const scene = await createScene();
    const runner = await scene.start();
    await runner.step(3);
    scene.emulator.outage({ kind: "status", status: 503 }, DELEGATIONS);
    await runner.step(4);
    scene.emulator.outage(null);
    scene.emulator.revoke(ID);
    await runner.step(3);
    expect(scene.log()).toMatch(/warn delegations failed: 401 .*\(first time/);
    expect(scene.registrations()).toHaveLength(2);
  });

  it("one whose status the platform does not give is not registered again: it may be removed", async () => {
    const scene = await createScene();
    const runner = await scene.start();
    await runner.step(3);
    const token = await readFile(scene.file, "utf8");
    scene.emulator.outage({ kind: "status", status: 503 }, { paths: [`/workspaces/${ID}`] });
    scene.emulator.remove(ID);
    await runner.step(4);
    expect(scene.registrations()).toHaveLength(1);
    expect(await readFile(scene.file, "utf8")).toBe(token);
  });
});
