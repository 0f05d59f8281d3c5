import { once, setMaxListeners } from "node:events";
import type { Clock } from "../clock.ts";
import type { Random } from "../workspace/backoff.ts";
import { Entry, type PlatformPause, type Scheduled } from "./entry.ts";
import { createJobQueue } from "./job-queue.ts";
import { createFirstSteps, nextHeartbeatAt, releaseDelay } from "./phases.ts";
import { StepQueue } from "./step-queue.ts";
import { WaitingWorkspaces } from "./waiting-workspaces.ts";

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly random: Random;
  /** How many steps may be in flight at once. @default 256 */
  readonly concurrency?: number;
  /** How many workspaces may run a job at once. @default 64 */
  readonly jobConcurrency?: number;
  /** Called with the time from when a step was due to when it started, in milliseconds. */
  readonly onSchedulingLag?: (ms: number) => void;
}

/** Runs workspaces' steps and jobs when they are due; heartbeats are spread evenly over the interval. */
export interface Scheduler {
  /** Adds a workspace, which starts shortly after those added just before it. */
  add(scheduled: Scheduled, options: { readonly platform: PlatformPause; readonly phase: number }): void;
  /** Removes a workspace from the schedule; settles when nothing is in flight for it. */
  remove(scheduled: Scheduled): Promise<void>;
  /** When its next step is due, on the clock's monotonic time; `null` while it waits for its platform. */
  dueAt(scheduled: Scheduled): number | null;
  /** Runs until `stop` aborts. Work in flight then has 1.5 s to end before it is aborted. */
  run(stop: AbortSignal): Promise<void>;
}

/** How long requests may take to end after the scheduler was asked to stop. */
const GRACE_MS = 1_500;

/** Timers are set at most this far ahead; they hold no more than 31 bits of milliseconds. */
const LONGEST_WAIT_MS = 3_600_000;

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { clock, intervalMs, random, concurrency = 256, jobConcurrency = 64, onSchedulingLag } = options;
  const startedAt = clock.monotonic();
  const queue = new StepQueue();
  /** Steps that workspaces may take to register even while all of the capacity is needed for heartbeats. */
  const forRegistrations = Math.ceil(concurrency / 16);
  const jobs = createJobQueue({
    clock,
    concurrency: jobConcurrency,
    isBehind: ({ platform }) => waiting.get(platform)?.isEmpty === false,
    onChange: () => (giveUp === null ? finish() : setAlarm()),
  });
  const entries = new Map<Scheduled, Entry>();
  const waiting = new Map<PlatformPause, WaitingWorkspaces>();
  const firstSteps = createFirstSteps(intervalMs);
  let steps = 0;
  /** Those of workspaces that are not registered. */
  let registering = 0;
  /** Aborts everything in flight at the end; `null` while no steps are taken. */
  let giveUp: AbortSignal | null = null;
  let alarmAt: number | null = null;
  let cancelAlarm = () => {};
  let onIdle = () => {};

  function schedule(entry: Entry, stepAt: number): void {
    if (entry.removed) return;
    entry.stepAt = stepAt;
    queue.push(entry);
    if (queue.nextAt() >= stepAt) setAlarm();
  }

  /**
   * Sets an alarm for whatever is due next. At full capacity, the end of a step is waited for instead. An alarm is
   * never postponed: one that rings too early sets the next, and if something ended every millisecond, none would ever
   * ring.
   */
  function setAlarm(): void {
    if (giveUp === null) return;
    const now = clock.monotonic();
    const stepAt = steps < concurrency ? queue.nextAt() : Number.POSITIVE_INFINITY;
    // Even while nothing is due: a process with nothing to wait for exits, and the list may be empty for now.
    const at = Math.max(now, Math.min(stepAt, jobs.nextAt(), now + LONGEST_WAIT_MS));
    if (alarmAt !== null && alarmAt <= at) return;
    cancelAlarm();
    alarmAt = at;
    cancelAlarm = clock.after(at - now, takeTurns);
  }

  /** Heartbeats go first: a job can wait, but a workspace that is silent for too long goes offline. */
  function takeTurns(): void {
    if (giveUp === null) return;
    const now = clock.monotonic();
    // The machine slept, or the process was starved: the backlog must not go out in one burst.
    const rangAt = alarmAt;
    alarmAt = null;
    if (rangAt !== null && now - rangAt > intervalMs / 2) release(queue.takeDue(now, queue.length));
    const reserved = Math.max(0, forRegistrations - registering);
    for (const entry of queue.takeDue(now, concurrency - steps, reserved)) void attempt(entry, giveUp);
    jobs.runDue(now, giveUp);
    setAlarm();
  }

  /** Workspaces that became due together run one after another. */
  function release(due: readonly Entry[]): void {
    const now = clock.monotonic();
    due.forEach((entry, position) => {
      schedule(entry, now + releaseDelay(position, due.length, intervalMs));
    });
  }

  function waitingFor(platform: PlatformPause): WaitingWorkspaces {
    const known = waiting.get(platform);
    if (known !== undefined) return known;
    const created = new WaitingWorkspaces(platform, (entry, delayMs) =>
      schedule(entry, clock.monotonic() + delayMs),
    );
    waiting.set(platform, created);
    return created;
  }

  async function attempt(entry: Entry, signal: AbortSignal): Promise<void> {
    if (entry.removed) return withdraw(entry);
    const others = waitingFor(entry.platform);
    if (!others.admit(entry)) return;
    const now = clock.monotonic();
    onSchedulingLag?.(now - entry.stepAt);
    const wasRegistered = entry.scheduled.isRegistered;
    steps += 1;
    if (!wasRegistered) registering += 1;
    entry.begin();
    entry.platform.stepBegins?.();
    const step = await entry.scheduled.step(signal);
    entry.platform.stepEnds?.();
    entry.end();
    steps -= 1;
    if (!wasRegistered) registering -= 1;
    others.release(entry);
    const after = clock.monotonic();
    const everyMs = entry.platform.heartbeatMs?.() ?? intervalMs;
    const next =
      step.wait === "interval"
        ? startedAt + nextHeartbeatAt(entry.phase, everyMs, entries.size, after - startedAt, random)
        : after + step.wait;
    schedule(entry, next);
    if (step.reachedPlatform) {
      if (step.isAlive) jobs.start(entry, after);
      release(others.take());
    }
    others.sendProbe();
    if (giveUp === null) finish();
    else if (steps === concurrency - 1) takeTurns();
  }

  function withdraw(entry: Entry): void {
    const others = waiting.get(entry.platform);
    others?.release(entry);
    others?.sendProbe();
  }

  function finish(): void {
    if (steps === 0 && jobs.running() === 0) onIdle();
  }

  return {
    add(scheduled, { platform, phase }) {
      const entry = new Entry(scheduled, platform, phase);
      entries.set(scheduled, entry);
      schedule(entry, firstSteps.next(clock.monotonic(), phase));
    },
    remove(scheduled) {
      const entry = entries.get(scheduled);
      if (entry === undefined) return Promise.resolve();
      entries.delete(scheduled);
      const ended = entry.remove();
      withdraw(entry);
      return ended;
    },
    dueAt(scheduled) {
      const entry = entries.get(scheduled);
      if (entry === undefined || waiting.get(entry.platform)?.has(entry)) return null;
      return entry.stepAt;
    },
    async run(stop) {
      if (stop.aborted) return;
      const givingUp = new AbortController();
      giveUp = givingUp.signal;
      // Each request in flight adds a listener.
      setMaxListeners(0, giveUp);
      takeTurns();
      await once(stop, "abort");
      giveUp = null;
      cancelAlarm();
      const cancelEnd = clock.after(GRACE_MS, () => givingUp.abort());
      await new Promise<void>((resolve) => {
        onIdle = resolve;
        finish();
      });
      cancelEnd();
    },
  };
}
