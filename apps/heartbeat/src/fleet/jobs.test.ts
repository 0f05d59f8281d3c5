import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  gate,
  hasSettled,
  INTERVAL,
  type SimulatedWorkspace,
  simulateFleet,
  untilAborted,
} from "../../test/scheduled.ts";
import { sleep } from "../clock.ts";

describe("a workspace's jobs", () => {
  it("start after its first accepted heartbeat, and then follow their own schedules", async () => {
    const { clock, simulation, jobRuns } = simulateFleet(1, {
      jobsEveryMs: [7_000, 300_000],
      initially: { isDown: true },
    });
    await clock.advance(20_000);
    expect(jobRuns).toEqual([]);
    simulation.isDown = false;
    while (jobRuns.length === 0) await clock.advance(100);
    const first = jobRuns[0]?.at ?? Number.NaN;
    await clock.advance(301_000);
    const times = jobRuns.map(({ at }) => at - first);
    const often = Array.from({ length: 44 }, (_, index) => index * 7_000);
    expect(times).toEqual([...often, 0, 300_000].sort((a, b) => a - b));
  });

  it("count their interval from the end of a run: a slow one is not repeated at once", async () => {
    const { clock, simulation, jobRuns } = simulateFleet(1, { jobsEveryMs: [10_000] });
    simulation.work = (_, signal) => sleep(clock, 25_000, signal);
    await clock.advance(80_000);
    expect(jobRuns.map(({ at }) => at)).toEqual([0, 35_000, 70_000]);
  });

  it("run one at a time, on any schedule, and for no more workspaces than allowed", async () => {
    const times = fc.array(fc.integer({ min: 1_000, max: 40_000 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(times, fc.integer({ min: 0, max: 15_000 }), async (jobsEveryMs, takesMs) => {
        const { clock, simulation } = simulateFleet(5, { jobsEveryMs, jobConcurrency: 2 });
        const running = new Map<SimulatedWorkspace, number>();
        let most = 0;
        let total = 0;
        simulation.work = async (workspace, signal) => {
          const mine = (running.get(workspace) ?? 0) + 1;
          running.set(workspace, mine);
          most = Math.max(most, mine);
          total = Math.max(total, [...running.values()].filter(Boolean).length);
          await sleep(clock, takesMs, signal);
          running.set(workspace, mine - 1);
        };
        await clock.advance(2 * INTERVAL);
        expect([most, total <= 2]).toEqual([1, true]);
      }),
      { numRuns: 20 },
    );
  });

  it("wait when other jobs use all capacity, and heartbeats do not", async () => {
    const { clock, simulation, steps, jobRuns } = simulateFleet(3, {
      jobsEveryMs: [10_000],
      jobConcurrency: 1,
    });
    const { opened, open } = gate();
    simulation.work = () => opened;
    await clock.advance(3 * INTERVAL);
    expect(jobRuns).toHaveLength(1);
    expect(steps.length).toBeGreaterThanOrEqual(6);
    open();
    simulation.work = () => Promise.resolve();
    await clock.advance(10);
    expect(new Set(jobRuns.map(({ workspace }) => workspace)).size).toBe(3);
  });

  it("run after heartbeats that are due at the same moment", async () => {
    const { clock, simulation, add } = simulateFleet(1, { jobsEveryMs: [10_000] });
    const order: string[] = [];
    await clock.advance(5_000);
    simulation.hold = async ({ id }) => void order.push(`heartbeat of ${id}`);
    simulation.work = async ({ id }) => void order.push(`job of ${id}`);
    // The first workspace's job is due at 10 s; the second workspace is added just then, while the process is paused.
    await clock.advance(4_999);
    add("w-1");
    clock.stall(1);
    await clock.advance(0);
    expect(order.slice(0, 2)).toEqual(["heartbeat of w-1", "job of w-0"]);
  });

  it("do not delay the heartbeats of their workspace", async () => {
    const { clock, simulation, steps } = simulateFleet(1, { jobsEveryMs: [10_000] });
    simulation.work = (_, signal) => untilAborted(signal);
    await clock.advance(10 * INTERVAL);
    expect(steps.length).toBeGreaterThanOrEqual(9);
  });
});

describe("the jobs of a workspace that is removed", () => {
  it("are aborted at once, and the removal settles only when they have ended", async () => {
    const { clock, scheduler, simulation, first, jobRuns } = simulateFleet(1, {
      jobsEveryMs: [10_000, 10_000],
    });
    const { opened, open } = gate();
    let aborted = false;
    simulation.work = async (_, signal) => {
      await untilAborted(signal);
      aborted = true;
      await opened;
    };
    await clock.advance(10);
    const removed = scheduler.remove(first);
    expect(await hasSettled(removed)).toBe(false);
    expect(aborted).toBe(true);
    open();
    await removed;
    await clock.advance(3 * INTERVAL);
    // Neither its second job, nor the first one again.
    expect(jobRuns).toHaveLength(1);
  });

  it("are waited for along with its step", async () => {
    const { clock, scheduler, simulation, first } = simulateFleet(1, { jobsEveryMs: [1_000] });
    await clock.advance(10);
    const [step, job] = [gate(), gate()];
    simulation.hold = () => step.opened;
    simulation.work = () => job.opened;
    await clock.advance(2 * INTERVAL);
    const removed = scheduler.remove(first);
    job.open();
    expect(await hasSettled(removed)).toBe(false);
    step.open();
    await removed;
  });

  it("that waited for capacity never start", async () => {
    const { clock, scheduler, simulation, workspaces, jobRuns } = simulateFleet(2, {
      jobsEveryMs: [10_000],
      jobConcurrency: 1,
    });
    const { opened, open } = gate();
    simulation.work = () => opened;
    await clock.advance(50);
    const waiting = workspaces.find((one) => one !== jobRuns[0]?.workspace);
    if (waiting === undefined) throw new Error("no workspace is waiting");
    await scheduler.remove(waiting);
    open();
    await clock.advance(INTERVAL);
    expect(jobRuns.map(({ workspace }) => workspace)).not.toContain(waiting);
  });
});

describe("stopping while jobs run", () => {
  it("waits 1.5 s for them, then aborts them and starts no more", async () => {
    const { clock, simulation, jobRuns, stop, done } = simulateFleet(3, {
      jobsEveryMs: [10_000, 10_000],
      jobConcurrency: 2,
    });
    simulation.work = (_, signal) => untilAborted(signal);
    await clock.advance(50);
    stop.abort();
    await clock.advance(1_499);
    expect(await hasSettled(done)).toBe(false);
    await clock.advance(1);
    expect(await hasSettled(done)).toBe(true);
    await clock.advance(3 * INTERVAL);
    expect(jobRuns).toHaveLength(2);
  });
});
