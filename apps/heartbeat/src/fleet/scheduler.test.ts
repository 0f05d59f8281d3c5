import { describe, expect, it } from "vitest";
import { gate, INTERVAL, simulateFleet } from "../../test/scheduled.ts";
import { sleep } from "../clock.ts";

describe("the scheduler", () => {
  it("starts a small fleet at once, then sends one heartbeat per workspace and interval", async () => {
    const { clock, workspaces, between } = simulateFleet(3);
    await clock.advance(100);
    expect(between(0, 100)).toHaveLength(3);
    await clock.advance(10 * INTERVAL);
    for (const workspace of workspaces) {
      const heartbeats = between(2 * INTERVAL, 9 * INTERVAL).filter((step) => step.workspace === workspace);
      expect(heartbeats.length).toBeGreaterThanOrEqual(6);
      expect(heartbeats.length).toBeLessThanOrEqual(8);
    }
  });

  it("spreads a thousand workspaces so that no second has more than twice the mean", async () => {
    const { clock, between } = simulateFleet(1_000);
    await clock.advance(3 * INTERVAL);
    for (let second = INTERVAL * 1.5; second < 3 * INTERVAL; second += 1_000) {
      expect(between(second, second + 1_000).length).toBeLessThanOrEqual((2 * 1_000) / 30);
    }
  });

  it("incident 18: sends a dead platform only a few probes, regardless of the number of workspaces", async () => {
    const { clock, simulation, between } = simulateFleet(1_000);
    await clock.advance(2 * INTERVAL);
    simulation.isDown = true;
    await clock.advance(120_000);
    const probes = between(2 * INTERVAL, 2 * INTERVAL + 120_000);
    expect(probes.length).toBeGreaterThan(2);
    expect(probes.length).toBeLessThan(40);
  });

  it("makes the others wait while one probes whether a hanging platform is back", async () => {
    const { clock, simulation, between } = simulateFleet(100);
    await clock.advance(2 * INTERVAL);
    Object.assign(simulation, { isDown: true, hold: () => sleep(clock, 10_000) });
    let timers = 0;
    const { after } = clock;
    clock.after = (ms, ring) => {
      timers += 1;
      if (timers > 10_000) throw new Error("The scheduler loops without waiting.");
      return after(ms, ring);
    };
    await clock.advance(300_000);
    const probes = between(2 * INTERVAL + 60_000, 2 * INTERVAL + 300_000);
    expect(probes.length).toBeGreaterThan(2);
    expect(probes.length).toBeLessThan(10);
    Object.assign(simulation, { isDown: false, hold: () => Promise.resolve() });
    await clock.advance(120_000);
    const back = between(2 * INTERVAL + 300_000, 2 * INTERVAL + 420_000);
    expect(new Set(back.map(({ workspace }) => workspace)).size).toBe(100);
  });

  it("brings all of them back within an interval of the first success, without a stampede", async () => {
    const { clock, simulation, steps, between } = simulateFleet(1_000);
    await clock.advance(2 * INTERVAL);
    simulation.isDown = true;
    await clock.advance(300_000);
    simulation.isDown = false;
    const failed = steps.length;
    await clock.advance(60_000);
    const back = steps[failed]?.at ?? Number.NaN;
    await clock.advance(2 * INTERVAL);
    expect(new Set(between(back, back + 1.5 * INTERVAL).map(({ workspace }) => workspace)).size).toBe(1_000);
    for (let second = back; second < back + INTERVAL; second += 1_000) {
      expect(between(second, second + 1_000).length).toBeLessThanOrEqual(170);
    }
  });

  it("applies the pause that a platform asks one workspace for to all of them", async () => {
    const { clock, simulation, steps } = simulateFleet(100);
    await clock.advance(2 * INTERVAL);
    Object.assign(simulation, { isDown: true, retryAfterMs: 20_000 });
    const before = steps.length;
    while (steps.length === before) await clock.advance(10);
    simulation.isDown = false;
    await clock.advance(19_900);
    expect(steps.length).toBe(before + 1);
    await clock.advance(INTERVAL);
    expect(steps.length).toBeGreaterThan(before + 50);
  });

  it("never has more steps in flight than allowed", async () => {
    const { opened, open } = gate();
    let inFlight = 0;
    const hold = () => {
      inFlight += 1;
      return opened;
    };
    const { clock, steps } = simulateFleet(50, { concurrency: 8, initially: { hold } });
    await clock.advance(5_000);
    expect(inFlight).toBe(8);
    open();
    await clock.advance(100);
    expect(steps).toHaveLength(50);
  });

  it("sends heartbeats before it registers others, which still register when heartbeats need all capacity", async () => {
    // Sixteen steps a second, one of them reserved: 450 workspaces can be kept alive.
    const options = { concurrency: 16, jobConcurrency: 1, jobsEveryMs: [INTERVAL] };
    const { clock, simulation, between, workspaces, lags } = simulateFleet(1_000, options);
    simulation.hold = () => sleep(clock, 1_000);
    simulation.work = () => sleep(clock, 1_000);
    await clock.advance(2 * INTERVAL);
    const early = between(0, INTERVAL / 2).map(({ workspace }) => workspace);
    const later = new Set(between(INTERVAL / 2, 1.75 * INTERVAL + 2_000).map(({ workspace }) => workspace));
    expect(early.filter((workspace) => !later.has(workspace))).toEqual([]);
    // A backlog is not taken for a machine that slept: no turn is put off.
    expect(Math.max(...lags)).toBeGreaterThan(INTERVAL);

    const registered = () => workspaces.filter(({ isRegistered }) => isRegistered).length;
    await clock.advance(8 * INTERVAL);
    const before = registered();
    await clock.advance(2 * INTERVAL);
    expect(registered() - before).toBeGreaterThan(50);
  });

  it("does not send a burst when the machine wakes up", async () => {
    const { clock, between, lags } = simulateFleet(1_000);
    await clock.advance(2 * INTERVAL);
    const asleepUntil = 2 * INTERVAL + 3_600_000;
    clock.stall(3_600_000);
    await clock.advance(INTERVAL);
    expect(between(asleepUntil, asleepUntil + 1_000).length).toBeLessThanOrEqual(110);
    const awake = between(asleepUntil, asleepUntil + INTERVAL).map(({ workspace }) => workspace);
    expect(new Set(awake).size).toBe(1_000);
    expect(Math.max(...lags)).toBeLessThan(INTERVAL);
  });
});
