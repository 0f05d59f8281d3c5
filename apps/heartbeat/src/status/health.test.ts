import { expect, it } from "vitest";
import { agents, memberView } from "../../test/views.ts";
import { virtualClock } from "../../test/virtual-clock.ts";
import type { MemberView } from "../fleet/fleet.ts";
import { DEFAULT_PACE } from "../worker/delays.ts";
import { createHealth } from "./health.ts";

function setUp(members: readonly MemberView[] = agents(3), pace = DEFAULT_PACE) {
  const clock = virtualClock();
  return { clock, health: createHealth({ members: () => members, clock, pace }) };
}

it("is well while beats are accepted, and says how the workspaces are", async () => {
  const members = [...agents(2), memberView("b", { state: { phase: "recovering" }, unsaved: true })];
  const { clock, health } = setUp(members);
  health.observe({ type: "beat", latencyMs: 3 });
  await clock.advance(1_500);
  expect(health.report()).toEqual({
    status: "ok",
    workspaces: { total: 3, registering: 0, beating: 2, recovering: 1, removed: 0 },
    unsaved_tokens: 1,
    last_accepted_beat_seconds: 1.5,
  });
});

it("fails when no beat of any workspace was accepted for longer than a platform waits, and is well again with one", async () => {
  const { clock, health } = setUp();
  health.observe({ type: "beat", latencyMs: 3 });
  await clock.advance(60_000);
  health.observe({ type: "registered" });
  expect(health.report().status).toBe("ok");
  await clock.advance(1);
  expect(health.report().status).toBe("failing");
  health.observe({ type: "beat", latencyMs: 3 });
  expect(health.report().status).toBe("ok");
});

it("gives the first beats as long, and a slow pace the time it needs", async () => {
  const { clock, health } = setUp(agents(1), { ...DEFAULT_PACE, intervalMs: 300_000 });
  expect(health.report()).toMatchObject({ status: "ok", last_accepted_beat_seconds: null });
  await clock.advance(450_000);
  expect(health.report().status).toBe("ok");
  await clock.advance(1);
  expect(health.report().status).toBe("failing");
});

it("fails when the platform has removed every workspace, though it accepts their beats", () => {
  const { health } = setUp(agents(2, { platformStatus: "removed" }));
  health.observe({ type: "beat", latencyMs: 3 });
  expect(health.report()).toMatchObject({ status: "failing", workspaces: { beating: 0, removed: 2 } });
});

it("is well when the list is empty: nothing is missing then", async () => {
  const { clock, health } = setUp([]);
  await clock.advance(3_600_000);
  expect(health.report()).toMatchObject({ status: "ok", workspaces: { total: 0 } });
});

it("gives a first workspace that comes late its time, too", async () => {
  const members: MemberView[] = [];
  const { clock, health } = setUp(members);
  await clock.advance(3_600_000);
  health.report();
  members.push(...agents(1));
  await clock.advance(60_000);
  expect(health.report().status).toBe("ok");
  await clock.advance(1);
  expect(health.report().status).toBe("failing");
});
