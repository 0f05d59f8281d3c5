import { once, setMaxListeners } from "node:events";
import TinyQueue from "tinyqueue";
import type { Clock } from "../clock.ts";
import type { Random } from "../worker/delays.ts";
import type { Worker } from "../worker/worker.ts";
import type { PlatformGate } from "./platform-gate.ts";
import { firstDelay, nextBeatAt, releaseDelay, slotOf } from "./slots.ts";
import { createUnderWay } from "./under-way.ts";

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly random: Random;
  /** How many steps may be under way at once. Default: 256. */
  readonly concurrency?: number;
  /** Told by how much a step began late, in milliseconds. */
  readonly onLateness?: (ms: number) => void;
}

/** Takes the workers' steps, each when it is due, spread evenly over the interval. */
export interface Scheduler {
  /** Begins with a worker, a moment after those that were added before it. */
  add(worker: Worker, gate: PlatformGate): void;
  remove(worker: Worker): void;
  /** When the worker's next step is due, on the clock's monotonic time; `null` while it waits for its platform. */
  dueAt(worker: Worker): number | null;
  /** Runs until `stop` aborts. A request under way then may still end within a moment, and is given up after that. */
  run(stop: AbortSignal): Promise<void>;
}

interface Task {
  readonly worker: Worker;
  readonly platform: Platform;
  readonly slot: number;
  dueAt: number;
  removed: boolean;
}

/** The workers of one platform that wait for it to come back, and the one that finds out. */
interface Platform {
  readonly gate: PlatformGate;
  readonly parked: Set<Task>;
  probe: Task | null;
}

/** How long a request may go on after the end was asked for. */
const GRACE_MS = 1_500;

/** Timers are set at most this far ahead; they hold no more than 31 bits of milliseconds. */
const LONGEST_WAIT_MS = 3_600_000;

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { clock, intervalMs, random, concurrency = 256, onLateness } = options;
  const startedAt = clock.monotonic();
  const queue = new TinyQueue<Task>([], (a, b) => a.dueAt - b.dueAt);
  const tasks = new Map<Worker, Task>();
  const platforms = new Map<PlatformGate, Platform>();
  /** Steps, and what they bring with them. */
  const underWay = createUnderWay();
  let arrivals = 0;
  let steps = 0;
  /** Given to each step, to be ended with; `null` while no steps are taken. */
  let giveUp: AbortSignal | null = null;
  /** When the alarm goes off; `null` while there is none. */
  let alarmAt: number | null = null;
  let callOffAlarm = () => {};

  function schedule(task: Task, dueAt: number): void {
    if (task.removed) return;
    task.dueAt = dueAt;
    queue.push(task);
    if (queue.peek() === task) setAlarm();
  }

  /** For what is due next; while as many steps are under way as may be, the end of one of them is waited for instead. */
  function setAlarm(): void {
    callOffAlarm();
    alarmAt = null;
    if (giveUp === null || steps >= concurrency) return;
    const now = clock.monotonic();
    // Even while nothing is due: a process that waits for nothing ends, and the list may be empty for now.
    alarmAt = Math.min(queue.peek()?.dueAt ?? Number.POSITIVE_INFINITY, now + LONGEST_WAIT_MS);
    callOffAlarm = clock.after(Math.max(0, alarmAt - now), takeSteps);
  }

  /** Begins the steps that are due. */
  function takeSteps(): void {
    const now = clock.monotonic();
    // The machine slept, or had no time for us: what piled up must not go out in one burst.
    if (alarmAt !== null && now - alarmAt > intervalMs / 2) release(takeDue(now, queue.length));
    for (const task of takeDue(now, concurrency - steps)) void attempt(task);
    setAlarm();
  }

  /** Those who became due together go one after another. */
  function release(waiting: readonly Task[]): void {
    const now = clock.monotonic();
    waiting.forEach((task, position) => {
      schedule(task, now + releaseDelay(position, waiting.length, intervalMs));
    });
  }

  function park(task: Task): void {
    task.platform.parked.add(task);
    sendProbe(task.platform);
  }

  /** While anybody waits for a platform, one of them is on its way to it. */
  function sendProbe(platform: Platform): void {
    const [task] = platform.parked;
    if (platform.probe !== null || task === undefined) return;
    platform.parked.delete(task);
    platform.probe = task;
    schedule(task, Math.max(platform.gate.probeAt(), clock.monotonic()));
  }

  async function attempt(task: Task): Promise<void> {
    if (giveUp === null) return;
    const { platform, worker } = task;
    const now = clock.monotonic();
    if (platform.probe === task) platform.probe = null;
    const wasOpen = platform.gate.isOpen(now);
    if (!platform.gate.admit(now)) return park(task);
    // While it finds out, no other one is sent: that would be turned away and come again at once, for ever.
    if (!wasOpen) platform.probe = task;
    onLateness?.(now - task.dueAt);
    steps += 1;
    const { outcome, wait, afterwards } = await underWay.follow(worker.step(giveUp));
    steps -= 1;
    void underWay.follow(afterwards);
    if (platform.probe === task) platform.probe = null;
    const after = clock.monotonic();
    platform.gate.report(outcome, now, after);
    const inTurn = () => startedAt + nextBeatAt(task.slot, intervalMs, tasks.size, after - startedAt, random);
    schedule(task, wait === "interval" ? inTurn() : after + wait);
    if (outcome.kind === "unavailable") sendProbe(platform);
    else if (platform.parked.size > 0) {
      release([...platform.parked]);
      platform.parked.clear();
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
    add(worker, gate) {
      const platform = platforms.get(gate) ?? { gate, parked: new Set(), probe: null };
      platforms.set(gate, platform);
      const task = { worker, platform, slot: slotOf(arrivals), dueAt: 0, removed: false };
      tasks.set(worker, task);
      schedule(task, clock.monotonic() + firstDelay(arrivals, intervalMs));
      arrivals += 1;
    },
    remove(worker) {
      const task = tasks.get(worker);
      if (task === undefined) return;
      task.removed = true;
      task.platform.parked.delete(task);
      tasks.delete(worker);
    },
    dueAt(worker) {
      const task = tasks.get(worker);
      return task === undefined || task.platform.parked.has(task) ? null : task.dueAt;
    },
    async run(stop) {
      if (stop.aborted) return;
      const givingUp = new AbortController();
      giveUp = givingUp.signal;
      // As many listen as requests are under way.
      setMaxListeners(0, giveUp);
      takeSteps();
      await once(stop, "abort");
      giveUp = null;
      callOffAlarm();
      const callOffEnd = clock.after(GRACE_MS, () => givingUp.abort());
      await underWay.ended();
      callOffEnd();
    },
  };
}
