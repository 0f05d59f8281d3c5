import { describe, expect, it } from "vitest";
import { virtualClock } from "../../test/virtual-clock.ts";
import { sleep } from "../clock.ts";
import type { Outcome } from "../transport/reply.ts";
import type { Step, WorkspaceAgent } from "../workspace/agent.ts";
import type { Wait } from "../workspace/state-machine.ts";
import { createCircuitBreaker } from "./circuit-breaker.ts";
import { createScheduler } from "./scheduler.ts";

const INTERVAL = 30_000;
const accepted: Outcome = { kind: "accepted" };
const down: Outcome = { kind: "unavailable", why: "ECONNREFUSED", retryAfterMs: 0 };

/** A fleet of agents that do nothing but say when they were asked to, at a platform that is up or not. */
function createFleet(count: number, concurrency = 256) {
  const clock = virtualClock();
  const lags: number[] = [];
  const scheduler = createScheduler({
    clock,
    intervalMs: INTERVAL,
    random: Math.random,
    concurrency,
    onSchedulingLag: (ms) => lags.push(ms),
  });
  const steps: { at: number; agent: WorkspaceAgent }[] = [];
  const fleet = { outcome: accepted, wait: "interval" as Wait, hold: (): Promise<void> => Promise.resolve() };
  const breaker = createCircuitBreaker();
  const agents = Array.from({ length: count }, (_, index): WorkspaceAgent => {
    const agent: WorkspaceAgent = {
      workspaceId: `w-${index}`,
      setCard() {},
      status() {
        throw new Error("the scheduler has no business with it");
      },
      async step(): Promise<Step> {
        steps.push({ at: clock.monotonic(), agent });
        await fleet.hold();
        return { outcome: fleet.outcome, wait: fleet.wait, afterwards: Promise.resolve() };
      },
    };
    scheduler.add(agent, breaker);
    return agent;
  });
  const stop = new AbortController();
  const done = scheduler.run(stop.signal);
  const end = async () => {
    stop.abort();
    await clock.advance(2_000);
    await done;
  };
  const between = (from: number, to: number) => steps.filter(({ at }) => at >= from && at < to);
  return { clock, scheduler, fleet, agents, steps, between, lags, end };
}

describe("the scheduler", () => {
  it("starts a small fleet at once, and then gives each workspace one heartbeat an interval", async () => {
    const { clock, agents, between, end } = createFleet(3);
    await clock.advance(100);
    expect(between(0, 100)).toHaveLength(3);
    await clock.advance(10 * INTERVAL);
    for (const agent of agents) {
      const heartbeats = between(2 * INTERVAL, 9 * INTERVAL).filter((step) => step.agent === agent);
      expect(heartbeats.length).toBeGreaterThanOrEqual(6);
      expect(heartbeats.length).toBeLessThanOrEqual(8);
    }
    await end();
  });

  it("spreads a thousand workspaces so that no second has more than twice the mean", async () => {
    const { clock, between, end } = createFleet(1_000);
    await clock.advance(3 * INTERVAL);
    for (let second = INTERVAL * 1.5; second < 3 * INTERVAL; second += 1_000) {
      expect(between(second, second + 1_000).length).toBeLessThanOrEqual((2 * 1_000) / 30);
    }
    await end();
  });

  it("incident 18: sends a dead platform a handful of probes, however many workspaces there are", async () => {
    const { clock, fleet, between, end } = createFleet(1_000);
    await clock.advance(2 * INTERVAL);
    fleet.outcome = down;
    fleet.wait = 5_000;
    await clock.advance(120_000);
    expect(between(2 * INTERVAL, 2 * INTERVAL + 120_000).length).toBeLessThan(40);
    await end();
  });

  it("lets the others wait while one finds out whether a platform that hangs is back", async () => {
    const { clock, fleet, between, end } = createFleet(100);
    await clock.advance(2 * INTERVAL);
    Object.assign(fleet, { outcome: down, wait: 5_000, hold: () => sleep(clock, 10_000) });
    let timers = 0;
    const { after } = clock;
    clock.after = (ms, ring) => {
      timers += 1;
      if (timers > 10_000) throw new Error("it goes round without ever waiting");
      return after(ms, ring);
    };
    await clock.advance(300_000);
    const probes = between(2 * INTERVAL + 60_000, 2 * INTERVAL + 300_000);
    expect(probes.length).toBeGreaterThan(2);
    expect(probes.length).toBeLessThan(10);
    Object.assign(fleet, { outcome: accepted, wait: "interval", hold: () => Promise.resolve() });
    await clock.advance(120_000);
    const back = between(2 * INTERVAL + 300_000, 2 * INTERVAL + 420_000);
    expect(new Set(back.map(({ agent }) => agent)).size).toBe(100);
    await end();
  });

  it("brings all of them back within an interval of the first success, without a stampede", async () => {
    const { clock, fleet, steps, between, end } = createFleet(1_000);
    await clock.advance(2 * INTERVAL);
    Object.assign(fleet, { outcome: down, wait: 5_000 });
    await clock.advance(300_000);
    Object.assign(fleet, { outcome: accepted, wait: "interval" });
    const failed = steps.length;
    await clock.advance(60_000);
    const back = steps[failed]?.at ?? Number.NaN;
    await clock.advance(2 * INTERVAL);
    expect(new Set(between(back, back + 1.5 * INTERVAL).map(({ agent }) => agent)).size).toBe(1_000);
    for (let second = back; second < back + INTERVAL; second += 1_000) {
      expect(between(second, second + 1_000).length).toBeLessThanOrEqual(170);
    }
    await end();
  });

  it("keeps the pause that a platform asks one of them for with all of them", async () => {
    const { clock, fleet, steps, end } = createFleet(100);
    await clock.advance(2 * INTERVAL);
    Object.assign(fleet, { outcome: { ...down, retryAfterMs: 20_000 }, wait: 20_000 });
    const before = steps.length;
    while (steps.length === before) await clock.advance(10);
    Object.assign(fleet, { outcome: accepted, wait: "interval" });
    await clock.advance(19_900);
    expect(steps.length).toBe(before + 1);
    await clock.advance(INTERVAL);
    expect(steps.length).toBeGreaterThan(before + 50);
    await end();
  });

  it("has no more steps in flight than it was allowed", async () => {
    const { clock, fleet, steps, end } = createFleet(50, 8);
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let inFlight = 0;
    fleet.hold = () => {
      inFlight += 1;
      return held;
    };
    await clock.advance(5_000);
    expect(inFlight).toBe(8);
    letGo();
    await clock.advance(100);
    expect(steps).toHaveLength(50);
    await end();
  });

  it("does not send a burst when the machine wakes up", async () => {
    const { clock, between, end, lags } = createFleet(1_000);
    await clock.advance(2 * INTERVAL);
    const asleepUntil = 2 * INTERVAL + 3_600_000;
    clock.stall(3_600_000);
    await clock.advance(INTERVAL);
    expect(between(asleepUntil, asleepUntil + 1_000).length).toBeLessThanOrEqual(110);
    expect(new Set(between(asleepUntil, asleepUntil + INTERVAL).map(({ agent }) => agent)).size).toBe(1_000);
    expect(Math.max(...lags)).toBeLessThan(INTERVAL);
    await end();
  });

  it("takes no further step of an agent that was removed, and leaves the others alone", async () => {
    const { clock, scheduler, agents, between, end } = createFleet(3);
    await clock.advance(INTERVAL);
    const [first, second] = agents;
    if (first === undefined || second === undefined) throw new Error("no agents");
    scheduler.remove(first);
    await clock.advance(3 * INTERVAL);
    const later = between(INTERVAL, 4 * INTERVAL).map(({ agent }) => agent);
    expect(later).not.toContain(first);
    expect(later.filter((agent) => agent === second).length).toBeGreaterThanOrEqual(2);
    expect(scheduler.dueAt(first)).toBeNull();
    expect(scheduler.dueAt(second)).toBeGreaterThan(clock.monotonic());
    await end();
  });
});
