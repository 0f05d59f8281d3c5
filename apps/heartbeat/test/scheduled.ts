import { type CircuitBreaker, createCircuitBreaker } from "@x/platform-client";
import { onTestFinished } from "vitest";
import type { PlatformPause, Scheduled, ScheduledStep } from "../src/fleet/entry.ts";
import { phaseOf } from "../src/fleet/phases.ts";
import { createScheduler, type SchedulerOptions } from "../src/fleet/scheduler.ts";
import type { Job } from "../src/workspace/jobs/job.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";

export const INTERVAL = 30_000;

/** The state of a simulated fleet's platform, and its workspaces' jobs. */
export interface Simulation {
  isDown: boolean;
  /** The `Retry-After` of a failure. */
  retryAfterMs: number;
  /** What a step waits for before it ends. */
  hold: (workspace: SimulatedWorkspace, signal: AbortSignal) => Promise<void>;
  /** What a job waits for before it ends. */
  work: (workspace: SimulatedWorkspace, signal: AbortSignal) => Promise<void>;
}

/** When a workspace did something. */
interface Turn {
  readonly at: number;
  readonly workspace: SimulatedWorkspace;
}

interface World {
  readonly clock: VirtualClock;
  readonly breaker: CircuitBreaker;
  readonly simulation: Simulation;
  readonly steps: Turn[];
  readonly jobRuns: Turn[];
}

/** A workspace that only records its turns, at a platform that is up or down. */
export class SimulatedWorkspace implements Scheduled {
  readonly id: string;
  readonly jobs: readonly Job[];
  isRegistered = false;
  readonly #world: World;

  constructor(id: string, everyMs: readonly number[], world: World) {
    this.id = id;
    this.#world = world;
    this.jobs = everyMs.map((ms) => ({ everyMs: ms, run: (signal) => this.#work(signal) }));
  }

  async step(signal: AbortSignal): Promise<ScheduledStep> {
    const { clock, breaker, simulation, steps } = this.#world;
    const permit = breaker.acquire("registry", this.id);
    if (!("startedAt" in permit))
      return { wait: permit.retryAfterMs, reachedPlatform: false, isAlive: false };
    steps.push({ at: clock.monotonic(), workspace: this });
    await simulation.hold(this, signal);
    const { isDown, retryAfterMs } = simulation;
    breaker.release(permit, { health: isDown ? "unreachable" : "works", retryAfterMs });
    this.isRegistered ||= !isDown;
    return { wait: isDown ? 5_000 : "interval", reachedPlatform: !isDown, isAlive: !isDown };
  }

  async runJob(job: Job, signal: AbortSignal): Promise<void> {
    await job.run(signal);
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { clock, simulation, jobRuns } = this.#world;
    jobRuns.push({ at: clock.monotonic(), workspace: this });
    await simulation.work(this, signal);
  }
}

interface FleetOptions extends Pick<SchedulerOptions, "concurrency" | "jobConcurrency"> {
  /** The intervals that the platform's limit allows. @default those that are configured */
  readonly pace?: Pick<PlatformPause, "heartbeatMs" | "jobMs" | "jobPauseMs">;
  /** The schedules of each workspace's jobs. @default none */
  readonly jobsEveryMs?: readonly number[];
  /** The state at the very start, when the first step is taken. @default the platform is up and answers immediately */
  readonly initially?: Partial<Simulation>;
}

/** A scheduler with this many workspaces that runs until the test ends, and time that the test controls. */
export function simulateFleet(
  count: number,
  { jobsEveryMs = [], initially, pace = {}, ...options }: FleetOptions = {},
) {
  const clock = virtualClock();
  const lags: number[] = [];
  const scheduler = createScheduler({
    clock,
    intervalMs: INTERVAL,
    random: Math.random,
    onSchedulingLag: (ms) => lags.push(ms),
    ...options,
  });
  const simulation: Simulation = {
    isDown: false,
    retryAfterMs: 0,
    hold: () => Promise.resolve(),
    work: () => Promise.resolve(),
    ...initially,
  };
  const breaker = createCircuitBreaker({ clock });
  const [steps, jobRuns]: [Turn[], Turn[]] = [[], []];
  const world = { clock, breaker, simulation, steps, jobRuns };
  const platform = { pauseMs: () => breaker.retryAfterMs("registry"), ...pace };
  const add = (id: string) => {
    const workspace = new SimulatedWorkspace(id, jobsEveryMs, world);
    scheduler.add(workspace, { platform, phase: phaseOf(id) });
    return workspace;
  };
  const first = add("w-0");
  const others = Array.from({ length: count - 1 }, (_, index) => add(`w-${index + 1}`));
  const workspaces = [first, ...others];
  const stop = new AbortController();
  const done = scheduler.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await clock.advance(2_000);
    await done;
  });
  const between = (from: number, to: number) => steps.filter(({ at }) => at >= from && at < to);
  return { ...world, scheduler, workspaces, first, between, lags, add, stop, done };
}

/** A wait that the test ends. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Settles when the signal aborts. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

/** Whether a promise has settled by now. */
export async function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.finally(() => {
    settled = true;
  });
  await new Promise(setImmediate);
  return settled;
}
