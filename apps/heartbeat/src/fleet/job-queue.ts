import TinyQueue from "tinyqueue";
import type { Clock } from "../clock.ts";
import type { Entry } from "./entry.ts";

export interface JobQueueOptions {
  readonly clock: Clock;
  /** How many workspaces may run a job at once. */
  readonly concurrency: number;
  /** Workspaces of its platform are waiting to send a heartbeat: then all jobs except the inbox wait, too. */
  readonly isBehind: (entry: Entry) => boolean;
  /** Called when a job has ended and another one may start. */
  readonly onChange: () => void;
}

/** Workspaces' jobs besides their heartbeats: each on its own schedule, one per workspace at a time. */
export interface JobQueue {
  /** Starts a workspace's jobs at once, unless they are already running. */
  start(entry: Entry, now: number): void;
  /** Starts the jobs that are due, as far as there is capacity. Aborting `giveUp` aborts them. */
  runDue(now: number, giveUp: AbortSignal): void;
  /** When the next job can start; infinity while nothing is due or there is no capacity. */
  nextAt(): number;
  running(): number;
}

/** How soon to check whether heartbeats are still waiting. */
const BEHIND_MS = 5_000;

export function createJobQueue({ clock, concurrency, isBehind, onChange }: JobQueueOptions): JobQueue {
  const queue = new TinyQueue<Entry>([], (a, b) => a.jobsAt - b.jobsAt);
  let running = 0;
  /** Those of running jobs, and spare ones. */
  const controllers = new Set<AbortController>();
  /**
   * Reused after runs that were not aborted: creating one with a listener on another signal costs more than the rest of
   * a run.
   */
  const spare: AbortController[] = [];
  let listenedTo: AbortSignal | null = null;

  function listenTo(giveUp: AbortSignal): void {
    if (giveUp === listenedTo) return;
    listenedTo = giveUp;
    giveUp.addEventListener("abort", () => {
      for (const controller of controllers) controller.abort();
    });
  }

  function run(entry: Entry, dueAt: number[], giveUp: AbortSignal): void {
    begin(entry);
    runFrom(0, entry, dueAt, giveUp);
  }

  /** Not an async function: nearly every run waits for one job at most. */
  function runFrom(first: number, entry: Entry, dueAt: number[], giveUp: AbortSignal): void {
    for (let index = first; index < dueAt.length; index += 1) {
      const ended = runOne(entry, dueAt, index);
      if (ended === undefined) continue;
      void ended.then(() => {
        putOff(entry, dueAt, index);
        runFrom(index + 1, entry, dueAt, giveUp);
      });
      return;
    }
    end(entry);
    if (!entry.removed && !giveUp.aborted) push(entry, dueAt);
    entry.end();
    onChange();
  }

  function begin(entry: Entry): void {
    const controller = spare.pop() ?? new AbortController();
    entry.job = controller;
    running += 1;
    controllers.add(controller);
    entry.begin();
  }

  function end(entry: Entry): void {
    const controller = entry.job;
    entry.job = null;
    if (controller === null) return;
    running -= 1;
    if (controller.signal.aborted) controllers.delete(controller);
    else spare.push(controller);
  }

  /** Nothing to wait for: the job is not due, is held back, or had nothing to do. */
  function runOne(entry: Entry, dueAt: number[], index: number): Promise<void> | undefined {
    const { scheduled, platform, job: controller } = entry;
    const job = scheduled.jobs[index];
    if (job === undefined || controller === null || controller.signal.aborted) return undefined;
    const now = clock.monotonic();
    if ((dueAt[index] ?? 0) > now) return undefined;
    const isLater = job.kind !== "inbox" && isBehind(entry);
    const pauseMs = isLater ? BEHIND_MS : (platform.jobPauseMs?.(job) ?? 0);
    if (pauseMs > 0) dueAt[index] = now + pauseMs;
    else {
      const ended = scheduled.runJob(job, controller.signal);
      if (ended !== undefined) return ended;
      putOff(entry, dueAt, index);
    }
    return undefined;
  }

  /** Time until its next run. */
  function putOff({ scheduled, platform }: Entry, dueAt: number[], index: number): void {
    const job = scheduled.jobs[index];
    if (job !== undefined) dueAt[index] = clock.monotonic() + (platform.jobMs?.(job) ?? job.everyMs);
  }

  function push(entry: Entry, dueAt: readonly number[]): void {
    let first = Number.POSITIVE_INFINITY;
    for (const each of dueAt) if (each < first) first = each;
    entry.jobsAt = first;
    queue.push(entry);
  }

  return {
    start(entry, now) {
      if (entry.jobsDueAt !== null || entry.removed || entry.scheduled.jobs.length === 0) return;
      entry.jobsDueAt = entry.scheduled.jobs.map(() => now);
      push(entry, entry.jobsDueAt);
      onChange();
    },
    runDue(now, giveUp) {
      listenTo(giveUp);
      for (let head = queue.peek(); head !== undefined && head.jobsAt <= now; head = queue.peek()) {
        if (running >= concurrency) return;
        queue.pop();
        if (!head.removed && head.jobsDueAt !== null) run(head, head.jobsDueAt, giveUp);
      }
    },
    nextAt: () =>
      running < concurrency ? (queue.peek()?.jobsAt ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY,
    running: () => running,
  };
}
