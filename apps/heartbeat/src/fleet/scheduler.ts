import { once, setMaxListeners } from "node:events";
import TinyQueue from "tinyqueue";
import type { Clock } from "../clock.ts";
import type { WorkspaceAgent } from "../workspace/agent.ts";
import type { Random } from "../workspace/backoff.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import { createInFlight } from "./concurrency.ts";
import { firstDelay, nextHeartbeatAt, phaseOf, releaseDelay } from "./phases.ts";

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly random: Random;
  /** How many steps may be in flight at once. Default: 256. */
  readonly concurrency?: number;
  /** Called with the scheduling lag of each step: how late it began, in milliseconds. */
  readonly onSchedulingLag?: (ms: number) => void;
}

/** Takes the agents' steps, each when it is due, spread evenly over the interval. */
export interface Scheduler {
  /** Starts an agent, a moment after those that were added before it. */
  add(agent: WorkspaceAgent, breaker: CircuitBreaker): void;
  remove(agent: WorkspaceAgent): void;
  /** When the agent's next step is due, on the clock's monotonic time; `null` while it waits for its platform. */
  dueAt(agent: WorkspaceAgent): number | null;
  /** Runs until `stop` aborts. A request in flight then may still end within a moment, and is given up after that. */
  run(stop: AbortSignal): Promise<void>;
}

interface Task {
  readonly agent: WorkspaceAgent;
  readonly platform: Platform;
  readonly phase: number;
  dueAt: number;
  removed: boolean;
}

/** The agents of one platform that wait for it to come back, and the one that probes it. */
interface Platform {
  readonly breaker: CircuitBreaker;
  readonly waiting: Set<Task>;
  probe: Task | null;
}

/** How long a request may still take after `stop` aborted. */
const GRACE_MS = 1_500;

/** Timers are set at most this far ahead; they hold no more than 31 bits of milliseconds. */
const LONGEST_WAIT_MS = 3_600_000;

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { clock, intervalMs, random, concurrency = 256, onSchedulingLag } = options;
  const startedAt = clock.monotonic();
  const queue = new TinyQueue<Task>([], (a, b) => a.dueAt - b.dueAt);
  const tasks = new Map<WorkspaceAgent, Task>();
  const platforms = new Map<CircuitBreaker, Platform>();
  /** Steps, and the jobs that follow them. */
  const inFlight = createInFlight();
  let arrivals = 0;
  let steps = 0;
  /** Passed to each step, to abort it; `null` while no steps are taken. */
  let stepSignal: AbortSignal | null = null;
  /** When the alarm goes off; `null` while there is none. */
  let alarmAt: number | null = null;
  let cancelAlarm = () => {};

  function schedule(task: Task, dueAt: number): void {
    if (task.removed) return;
    task.dueAt = dueAt;
    queue.push(task);
    if (queue.peek() === task) setAlarm();
  }

  /** For the next step that is due; none while the limit of steps in flight is reached: the end of one of them continues. */
  function setAlarm(): void {
    cancelAlarm();
    alarmAt = null;
    if (stepSignal === null || steps >= concurrency) return;
    const now = clock.monotonic();
    // Even while nothing is due: a process that waits for nothing ends, and the list may be empty for now.
    alarmAt = Math.min(queue.peek()?.dueAt ?? Number.POSITIVE_INFINITY, now + LONGEST_WAIT_MS);
    cancelAlarm = clock.after(Math.max(0, alarmAt - now), takeSteps);
  }

  /** Begins the steps that are due. */
  function takeSteps(): void {
    const now = clock.monotonic();
    // The machine slept, or had no time for us: what piled up must not go out in one burst.
    if (alarmAt !== null && now - alarmAt > intervalMs / 2) release(takeDue(now, queue.length));
    for (const task of takeDue(now, concurrency - steps)) void attempt(task);
    setAlarm();
  }

  /** Steps that became due together start one after another. */
  function release(waiting: readonly Task[]): void {
    const now = clock.monotonic();
    waiting.forEach((task, position) => {
      schedule(task, now + releaseDelay(position, waiting.length, intervalMs));
    });
  }

  function waitForPlatform(task: Task): void {
    task.platform.waiting.add(task);
    sendProbe(task.platform);
  }

  /** While agents wait for a platform, one of them probes it. */
  function sendProbe(platform: Platform): void {
    const [task] = platform.waiting;
    if (platform.probe !== null || task === undefined) return;
    platform.waiting.delete(task);
    platform.probe = task;
    schedule(task, Math.max(platform.breaker.probeAt(), clock.monotonic()));
  }

  async function attempt(task: Task): Promise<void> {
    if (stepSignal === null) return;
    const { platform, agent } = task;
    const now = clock.monotonic();
    if (platform.probe === task) platform.probe = null;
    const wasClosed = platform.breaker.isClosed(now);
    if (!platform.breaker.admit(now)) return waitForPlatform(task);
    // While it probes, no other one is sent: that one would be turned away and come back at once, without end.
    if (!wasClosed) platform.probe = task;
    onSchedulingLag?.(now - task.dueAt);
    steps += 1;
    const { outcome, wait, afterwards } = await inFlight.track(agent.step(stepSignal));
    steps -= 1;
    void inFlight.track(afterwards);
    if (platform.probe === task) platform.probe = null;
    const after = clock.monotonic();
    platform.breaker.report(outcome, now, after);
    const inTurn = () =>
      startedAt + nextHeartbeatAt(task.phase, intervalMs, tasks.size, after - startedAt, random);
    schedule(task, wait === "interval" ? inTurn() : after + wait);
    if (outcome.kind === "unavailable") sendProbe(platform);
    else if (platform.waiting.size > 0) {
      release([...platform.waiting]);
      platform.waiting.clear();
    }
    if (steps === concurrency - 1) takeSteps();
  }

  /** Takes what is due out of the queue. */
  function takeDue(now: number, most: number): Task[] {
    const due: Task[] = [];
    for (let head = queue.peek(); head !== undefined && head.dueAt <= now; head = queue.peek()) {
      if (due.length >= most) break;
      queue.pop();
      if (!head.removed) due.push(head);
      else if (head.platform.probe === head) {
        head.platform.probe = null;
        sendProbe(head.platform);
      }
    }
    return due;
  }

  return {
    add(agent, breaker) {
      const platform = platforms.get(breaker) ?? { breaker, waiting: new Set(), probe: null };
      platforms.set(breaker, platform);
      const task = { agent, platform, phase: phaseOf(arrivals), dueAt: 0, removed: false };
      tasks.set(agent, task);
      schedule(task, clock.monotonic() + firstDelay(arrivals, intervalMs));
      arrivals += 1;
    },
    remove(agent) {
      const task = tasks.get(agent);
      if (task === undefined) return;
      task.removed = true;
      task.platform.waiting.delete(task);
      tasks.delete(agent);
    },
    dueAt(agent) {
      const task = tasks.get(agent);
      return task === undefined || task.platform.waiting.has(task) ? null : task.dueAt;
    },
    async run(stop) {
      if (stop.aborted) return;
      const aborting = new AbortController();
      stepSignal = aborting.signal;
      // Each request in flight adds a listener.
      setMaxListeners(0, stepSignal);
      takeSteps();
      await once(stop, "abort");
      stepSignal = null;
      cancelAlarm();
      const cancelAbort = clock.after(GRACE_MS, () => aborting.abort());
      await inFlight.settled();
      cancelAbort();
    },
  };
}
