import { describe, expect, it } from "vitest";
import { createScene, ID, sceneAfter } from "./scene.ts";

describe("a 200 that proves nothing", () => {
  it("incident 15: a removed workspace is reported as removed at once, and not registered again, even if its heartbeats are answered 200", async () => {
    const { scene, runner } = await sceneAfter(3);
    scene.emulator.remove(ID);
    await runner.step(3);
    expect(scene.log()).toMatch(/error the platform says this workspace was removed: create it again/);
    await runner.step(7);
    expect(scene.statuses().at(-1)).toBe(200);
    expect(scene.registrations()).toHaveLength(1);
    expect(runner.agent.status().platformStatus).toBe("removed");
  });

  it("a workspace that the platform deregistered registers again, even if its heartbeats are answered 200", async () => {
    let aheadMs = 0;
    const scene = await createScene({ contract: "v1", clock: { now: () => scene.clock.wall() + aheadMs } });
    const runner = await scene.start();
    await runner.step(3);
    aheadMs = 3_600_000;
    await runner.step(12);
    expect(scene.log()).toContain("the platform now reports this workspace as offline");
    expect(scene.emulator.workspaces()).toMatchObject([{ status: "online" }]);
    expect(scene.registrations().filter(({ status }) => status === 200)).toHaveLength(2);
  });

  it("incident 12: a tenant guard that passes heartbeats is reported three times, with the environment variable to set", async () => {
    const scene = await createScene({ orgId: "org-1" });
    await (await scene.start({ MOLECULE_ORG_ID: "org-1" })).step(2);
    await (await scene.start()).step(12);
    expect(scene.statuses().every((status) => status === 200)).toBe(true);
    expect(scene.log().match(/^error delegations failed: 400 .*set MOLECULE_ORG_ID/gm)).toHaveLength(3);
    expect(scene.log()).toMatch(/^error status check failed: 400 .*set MOLECULE_ORG_ID/m);
  });

  it("a workspace that the platform does not know is reported as removed", async () => {
    const { scene, runner } = await sceneAfter(3);
    scene.emulator.reset();
    await runner.step(11);
    expect(scene.log()).toContain("the platform says this workspace was removed");
  });
});

describe("repeated rejections", () => {
  it("incident 15: are reported at 1, 2, 3, 23 and 43 in a row, the later ones with the sources that were tried", async () => {
    const { scene, runner } = await sceneAfter(2);
    await scene.emulator.outage({
      kind: "status",
      status: 401,
      body: '{"error":"invalid workspace auth token"}',
    });
    while (runner.agent.status().state.rejections < 45) await runner.step();
    const reported = scene.events.flatMap((event) => (event.type === "locked-out" ? [event.rejections] : []));
    expect(reported).toEqual([3, 23, 43]);
    const warned = scene.log().match(/^(warn|error) heartbeat failed: 401/gm);
    expect(warned).toHaveLength(5);
  });
});
