import { setMaxListeners } from "node:events";
import pLimit from "p-limit";
import TinyQueue from "tinyqueue";
import { type Clock, sleep } from "../clock.ts";
import type { Random } from "../worker/delays.ts";
import type { Worker } from "../worker/worker.ts";
import type { PlatformGate } from "./platform-gate.ts";
import { firstDelay, nextBeatAt, releaseDelay, slotOf } from "./slots.ts";

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
const LONGEST_SLEEP_MS = 3_600_000;

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { clock, intervalMs, random, concurrency = 256, onLateness } = options;
  const startedAt = clock.monotonic();
  const queue = new TinyQueue<Task>([], (a, b) => a.dueAt - b.dueAt);
  const tasks = new Map<Worker, Task>();
  const platforms = new Map<PlatformGate, Platform>();
  const underWay = new Set<Promise<void>>();
  const limit = pLimit(concurrency);
  let arrivals = 0;
  let wake = new AbortController();

  function schedule(task: Task, dueAt: number): void {
    if (task.removed) return;
    task.dueAt = dueAt;
    queue.push(task);
    if (queue.peek() === task) wake.abort();
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

  async function attempt(task: Task, stop: AbortSignal, giveUp: AbortSignal): Promise<void> {
    if (stop.aborted) return;
    const { platform, worker } = task;
    const now = clock.monotonic();
    if (platform.probe === task) platform.probe = null;
    if (task.removed) return sendProbe(platform);
    const wasOpen = platform.gate.isOpen(now);
    if (!platform.gate.admit(now)) return park(task);
    // While it finds out, no other one is sent: that would be turned away and come again at once, for ever.
    if (!wasOpen) platform.probe = task;
    onLateness?.(now - task.dueAt);
    const { outcome, wait, afterwards } = await worker.step(giveUp);
    track(afterwards);
    if (platform.probe === task) platform.probe = null;
    const after = clock.monotonic();
    platform.gate.report(outcome, now, after);
    const inTurn = () => startedAt + nextBeatAt(task.slot, intervalMs, tasks.size, after - startedAt, random);
    schedule(task, wait === "interval" ? inTurn() : after + wait);
    if (outcome.kind === "unavailable") return sendProbe(platform);
    release([...platform.parked]);
    platform.parked.clear();
  }

  /** Takes what is due out of the queue. */
  function takeDue(now: number): Task[] {
    const due: Task[] = [];
    for (let head = queue.peek(); head !== undefined && head.dueAt <= now; head = queue.peek()) {
      queue.pop();
      if (!head.removed || head.platform.probe === head) due.push(head);
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
      const giveUp = new AbortController();
      // As many listen as requests are under way.
      setMaxListeners(0, giveUp.signal);
      const onStop = () => wake.abort();
      stop.addEventListener("abort", onStop);
      while (!stop.aborted) {
        if (wake.signal.aborted) wake = new AbortController();
        const now = clock.monotonic();
        const due = takeDue(now);
        // The machine slept, or had no time for us: what piled up must not go out in one burst.
        if (due.length > 1 && due.every(({ dueAt }) => now - dueAt > intervalMs / 2)) release(due);
        else for (const task of due) track(limit(attempt, task, stop, giveUp.signal));
        const next = queue.peek()?.dueAt ?? Number.POSITIVE_INFINITY;
        await sleep(clock, Math.min(LONGEST_SLEEP_MS, Math.max(0, next - clock.monotonic())), wake.signal);
      }
      stop.removeEventListener("abort", onStop);
      const ended = Promise.allSettled(underWay);
      const graceOver = new AbortController();
      void sleep(clock, GRACE_MS, graceOver.signal).then(() => giveUp.abort());
      await ended;
      graceOver.abort();
    },
  };

  function track(attempted: Promise<void>): void {
    underWay.add(attempted);
    void attempted.finally(() => underWay.delete(attempted));
  }
}
