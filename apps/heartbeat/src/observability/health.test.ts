import { expect, it } from "vitest";
import { agents, workspaceStatus } from "../../test/views.ts";
import { virtualClock } from "../../test/virtual-clock.ts";
import { DEFAULT_TIMING } from "../config/timing.ts";
import type { WorkspaceStatus } from "../fleet/fleet-types.ts";
import { createHealth } from "./health.ts";

function setUp(workspaces: readonly WorkspaceStatus[] = agents(3), timing = DEFAULT_TIMING) {
  const clock = virtualClock();
  return { clock, health: createHealth({ workspaces: () => workspaces, clock, timing }) };
}

it("is ok while heartbeats are accepted, and counts the workspaces by state", async () => {
  const workspaces = [...agents(2), workspaceStatus("b", { state: { phase: "recovering" }, unsaved: true })];
  const { clock, health } = setUp(workspaces);
  health.observe({ type: "heartbeat", latencyMs: 3 });
  await clock.advance(1_500);
  expect(health.report()).toEqual({
    status: "ok",
    workspaces: { total: 3, registering: 0, alive: 2, recovering: 1, removed: 0 },
    unsaved_tokens: 1,
    last_accepted_heartbeat_seconds: 1.5,
  });
});

it("fails when no heartbeat was accepted within the liveness timeout, and recovers with the next one", async () => {
  const { clock, health } = setUp();
  health.observe({ type: "heartbeat", latencyMs: 3 });
  await clock.advance(60_000);
  health.observe({ type: "registered" });
  expect(health.report().status).toBe("ok");
  await clock.advance(1);
  expect(health.report().status).toBe("failing");
  health.observe({ type: "heartbeat", latencyMs: 3 });
  expect(health.report().status).toBe("ok");
});

it("allows the first heartbeats the same time, and longer intervals more time", async () => {
  const { clock, health } = setUp(agents(1), { ...DEFAULT_TIMING, intervalMs: 300_000 });
  expect(health.report()).toMatchObject({ status: "ok", last_accepted_heartbeat_seconds: null });
  await clock.advance(450_000);
  expect(health.report().status).toBe("ok");
  await clock.advance(1);
  expect(health.report().status).toBe("failing");
});

it("fails when the platform has removed every workspace, even if it accepts their heartbeats", () => {
  const { health } = setUp(agents(2, { platformStatus: "removed" }));
  health.observe({ type: "heartbeat", latencyMs: 3 });
  expect(health.report()).toMatchObject({ status: "failing", workspaces: { alive: 0, removed: 2 } });
});

it("is ok when the list is empty", async () => {
  const { clock, health } = setUp([]);
  await clock.advance(3_600_000);
  expect(health.report()).toMatchObject({ status: "ok", workspaces: { total: 0 } });
});

it("allows the same time for a first workspace that is added later", async () => {
  const workspaces: WorkspaceStatus[] = [];
  const { clock, health } = setUp(workspaces);
  await clock.advance(3_600_000);
  health.report();
  workspaces.push(...agents(1));
  await clock.advance(60_000);
  expect(health.report().status).toBe("ok");
  await clock.advance(1);
  expect(health.report().status).toBe("failing");
});
