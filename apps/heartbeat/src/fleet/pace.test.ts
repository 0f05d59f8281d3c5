import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { virtualClock } from "../../test/virtual-clock.ts";
import type { Job } from "../workspace/jobs/job.ts";
import { paceFor } from "./pace.ts";
import { type PaceEvent, Pacer } from "./pacer.ts";

const demand = { workspaces: 100, intervalMs: 30_000, inboxMs: 5_000 };

describe("the intervals of a fleet", () => {
  it("are as configured if the limit allows it", () => {
    expect(paceFor({ ...demand, workspaces: 1 }, 600)).toMatchObject({
      heartbeatMs: 30_000,
      inboxFactor: 1,
      jobFactor: 1,
      isStretched: false,
    });
  });

  it("keep heartbeats on time at the expense of jobs and inboxes", () => {
    const pace = paceFor(demand, 600);
    expect(pace.heartbeatMs).toBe(30_000);
    expect(pace.inboxFactor).toBeGreaterThan(3);
    expect(pace.jobFactor).toBeCloseTo(pace.inboxFactor);
  });

  it("stretch heartbeats when they alone exceed the limit, and leave a tenth for the inboxes", () => {
    const pace = paceFor({ ...demand, workspaces: 1_000 }, 600);
    expect(pace.heartbeatMs).toBeGreaterThan(120_000);
    expect((1_000 * 60_000) / (5_000 * pace.inboxFactor)).toBeGreaterThanOrEqual(60);
  });

  it("never exceed the limit, and are never shorter than configured", () => {
    const count = fc.integer({ min: 1, max: 100_000 });
    const ms = fc.integer({ min: 5_000, max: 300_000 });
    fc.assert(
      fc.property(
        count,
        ms,
        fc.option(ms),
        fc.integer({ min: 1, max: 100_000 }),
        (workspaces, intervalMs, inboxMs, limit) => {
          const { heartbeatMs, inboxFactor, jobFactor } = paceFor({ workspaces, intervalMs, inboxMs }, limit);
          const perMinute = (everyMs: number) => (workspaces * 60_000) / everyMs;
          const inboxes = inboxMs === null ? 0 : perMinute(inboxMs * inboxFactor);
          const jobs = (perMinute(intervalMs) + perMinute(300_000)) / jobFactor;
          expect(perMinute(heartbeatMs) + inboxes + jobs).toBeLessThanOrEqual(limit * 1.000_001);
          expect(heartbeatMs).toBeGreaterThanOrEqual(intervalMs);
          expect(Math.min(inboxFactor, jobFactor)).toBeGreaterThanOrEqual(1);
        },
      ),
    );
  });
});

describe("a platform's pacer", () => {
  const inbox: Job = { kind: "inbox", everyMs: 5_000, run: async () => {} };
  const job: Job = { everyMs: 30_000, run: async () => {} };

  function pacer(workspaces: number) {
    const clock = virtualClock();
    const events: PaceEvent[] = [];
    const created = new Pacer({
      platformOrigin: "https://platform.example",
      intervalMs: 30_000,
      inboxMs: 5_000,
      clock,
      onEvent: (event) => events.push(event),
    });
    for (let count = 0; count < workspaces; count += 1) created.add();
    return { clock, events, pacer: created };
  }
  const limit = (remaining = 600, resetAfterMs = 60_000) => ({ limit: 600, remaining, resetAfterMs });

  it("counts a tenant's workspaces together, and workspaces without a tenant separately", () => {
    const { pacer: shared } = pacer(1_000);
    shared.observe({ bucket: "bearer", rateLimit: limit() });
    expect(shared.heartbeatMs).toBe(30_000);
    shared.observe({ bucket: "tenant", rateLimit: limit() });
    expect(shared.heartbeatMs).toBeGreaterThan(100_000);
    expect(shared.jobMs(inbox)).toBeGreaterThan(300_000);
  });

  it("warns once with the figures, and reports an error when even the heartbeats do not fit into 180 s", () => {
    const { pacer: shared, events } = pacer(1_000);
    for (let times = 0; times < 3; times += 1) shared.observe({ bucket: "tenant", rateLimit: limit() });
    expect(events).toMatchObject([
      { type: "rate-limit-low", workspaces: 1_000, intervalMs: 30_000, limit: 600 },
    ]);
    for (let count = 0; count < 1_000; count += 1) shared.add();
    shared.observe({ bucket: "tenant", rateLimit: limit() });
    expect(events.map(({ type }) => type)).toEqual(["rate-limit-low", "rate-limit-too-low"]);
  });

  it("makes jobs wait for the next window before inboxes, when other clients use it up", async () => {
    const { pacer: shared, clock } = pacer(1);
    shared.observe({ bucket: "tenant", rateLimit: limit(15, 19_000) });
    expect([shared.jobPauseMs(job), shared.jobPauseMs(inbox)]).toEqual([20_000, 0]);
    shared.observe({ bucket: "tenant", rateLimit: limit(0, 19_000) });
    expect(shared.jobPauseMs(inbox)).toBe(20_000);
    await clock.advance(20_000);
    expect([shared.jobPauseMs(job), shared.jobPauseMs(inbox)]).toEqual([0, 0]);
  });

  it("makes heartbeats wait for the next window when this one is used up, counting requests in flight", async () => {
    const { pacer: shared, clock } = pacer(1);
    expect(shared.stepPauseMs()).toBe(0);
    shared.observe({ bucket: "tenant", rateLimit: limit(8, 19_000) });
    for (let count = 0; count < 4; count += 1) {
      expect(shared.stepPauseMs()).toBe(0);
      shared.sent();
      shared.ended();
    }
    shared.stepBegins();
    expect(shared.stepPauseMs()).toBe(500);
    shared.stepEnds();
    shared.sent();
    expect(shared.stepPauseMs()).toBe(20_000);
    await clock.advance(20_000);
    expect(shared.stepPauseMs()).toBe(0);
  });

  it("recognizes a limit for a longer window", () => {
    const { pacer: shared } = pacer(1);
    shared.observe({ bucket: "bearer", rateLimit: { limit: 600, remaining: 600, resetAfterMs: 3_600_000 } });
    expect(shared.status()?.limit).toBe(10);
  });

  it("believes no longer in a longer window than the next answers state", async () => {
    const { pacer: shared, clock } = pacer(100);
    shared.observe({ bucket: "tenant", rateLimit: limit(300, 30_000) });
    const usual = shared.heartbeatMs;
    shared.observe({ bucket: "tenant", rateLimit: limit(299, 3_600_000) });
    expect(shared.heartbeatMs).toBeGreaterThan(180_000);
    await clock.advance(1_000);
    shared.observe({ bucket: "tenant", rateLimit: limit(298, 29_000) });
    expect([shared.status()?.limit, shared.heartbeatMs]).toEqual([600, usual]);
  });

  it("keeps believing in a longer window while it ends when it should", async () => {
    const { pacer: shared, clock } = pacer(100);
    const stated = [
      { resetAfterMs: 3_600_000, passMs: 600_000 },
      { resetAfterMs: 3_000_000, passMs: 2_999_000 },
      { resetAfterMs: 1_000, passMs: 2_000 },
      { resetAfterMs: 3_599_000, passMs: 0 },
    ];
    for (const { resetAfterMs, passMs } of stated) {
      shared.observe({ bucket: "tenant", rateLimit: limit(300, resetAfterMs) });
      expect(shared.status()?.limit).toBe(10);
      await clock.advance(passMs);
    }
  });
});
