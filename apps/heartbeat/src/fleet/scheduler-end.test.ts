import { describe, expect, it } from "vitest";
import {
  gate,
  hasSettled,
  INTERVAL,
  type Simulation,
  simulateFleet,
  untilAborted,
} from "../../test/scheduled.ts";

describe("removing a workspace", () => {
  it("stops its steps and leaves the others alone", async () => {
    const { clock, scheduler, first, add, between } = simulateFleet(2);
    const second = add("w-2");
    await clock.advance(INTERVAL);
    await scheduler.remove(first);
    await clock.advance(3 * INTERVAL);
    const later = between(INTERVAL, 4 * INTERVAL).map(({ workspace }) => workspace);
    expect(later).not.toContain(first);
    expect(later.filter((workspace) => workspace === second).length).toBeGreaterThanOrEqual(2);
    expect(scheduler.dueAt(first)).toBeNull();
    expect(scheduler.dueAt(second)).toBeGreaterThan(clock.monotonic());
  });

  it("waits for its step without aborting it: the answer may hold a token", async () => {
    const { opened, open } = gate();
    let aborted: boolean | null = null;
    const hold: Simulation["hold"] = async (_, signal) => {
      await opened;
      aborted = signal.aborted;
    };
    const { clock, scheduler, first } = simulateFleet(1, { initially: { hold } });
    const removed = scheduler.remove(first);
    await clock.advance(INTERVAL);
    expect(await hasSettled(removed)).toBe(false);
    open();
    await removed;
    expect(aborted).toBe(false);
  });

  it("that probes a platform that is down passes the probe to another one", async () => {
    const { clock, scheduler, simulation, steps } = simulateFleet(10);
    await clock.advance(2 * INTERVAL);
    simulation.isDown = true;
    await clock.advance(60_000);
    for (let probes = 0; probes < 3; probes += 1) {
      const before = steps.length;
      while (steps.length === before) await clock.advance(100);
      const prober = steps.at(-1)?.workspace;
      if (prober !== undefined) await scheduler.remove(prober);
    }
    simulation.isDown = false;
    await clock.advance(120_000);
    expect(new Set(steps.slice(-7).map(({ workspace }) => workspace)).size).toBe(7);
  });
});

describe("stopping", () => {
  it("starts nothing new and waits for what is in flight", async () => {
    const { opened, open } = gate();
    const { clock, steps, stop, done } = simulateFleet(5, { initially: { hold: () => opened } });
    await clock.advance(25);
    stop.abort();
    expect(await hasSettled(done)).toBe(false);
    await clock.advance(1_000);
    open();
    await done;
    await clock.advance(3 * INTERVAL);
    expect(steps).toHaveLength(3);
  });

  it("aborts what is in flight after 1.5 s", async () => {
    const hold: Simulation["hold"] = (_, signal) => untilAborted(signal);
    const { clock, stop, done } = simulateFleet(1, { initially: { hold } });
    stop.abort();
    await clock.advance(1_499);
    expect(await hasSettled(done)).toBe(false);
    await clock.advance(1);
    expect(await hasSettled(done)).toBe(true);
  });
});
