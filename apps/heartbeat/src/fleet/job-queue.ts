import TinyQueue from "tinyqueue";
import type { Clock } from "../clock.ts";
import type { Entry } from "./entry.ts";

export interface JobQueueOptions {
  readonly clock: Clock;
  /** How many workspaces may run a job at once. */
  readonly concurrency: number;
  /** Called when a job has ended, and another one may begin. */
  readonly onChange: () => void;
}

/** What workspaces do beside their heartbeats: each job at its own times, of one workspace one at a time. */
export interface JobQueue {
  /** Begins with a workspace's jobs at once, unless they run already. */
  start(entry: Entry, now: number): void;
  /** Begins what is due, as far as there is room. Aborting `giveUp` aborts it. */
  runDue(now: number, giveUp: AbortSignal): void;
  /** When the next job can begin; infinity while nothing is due or there is no room. */
  nextAt(): number;
  running(): number;
}

export function createJobQueue({ clock, concurrency, onChange }: JobQueueOptions): JobQueue {
  const queue = new TinyQueue<Entry>([], (a, b) => a.jobsAt - b.jobsAt);
  const running = new Set<AbortController>();
  /** Of runs that ended unaborted: to make one, with a listener at another signal, takes longer than the rest of a run. */
  const spare: AbortController[] = [];
  let listenedTo: AbortSignal | null = null;

  function listenTo(giveUp: AbortSignal): void {
    if (giveUp === listenedTo) return;
    listenedTo = giveUp;
    giveUp.addEventListener("abort", () => {
      for (const controller of running) controller.abort();
    });
  }

  async function run(entry: Entry, dueAt: number[], giveUp: AbortSignal): Promise<void> {
    const { scheduled } = entry;
    const controller = spare.pop() ?? new AbortController();
    entry.job = controller;
    running.add(controller);
    entry.begin();
    for (const [index, job] of scheduled.jobs.entries()) {
      if ((dueAt[index] ?? 0) > clock.monotonic() || controller.signal.aborted) continue;
      await scheduled.runJob(job, controller.signal);
      dueAt[index] = clock.monotonic() + job.everyMs;
    }
    entry.job = null;
    running.delete(controller);
    if (!controller.signal.aborted) spare.push(controller);
    if (!entry.removed && !giveUp.aborted) push(entry, dueAt);
    entry.end();
    onChange();
  }

  function push(entry: Entry, dueAt: readonly number[]): void {
    entry.jobsAt = Math.min(...dueAt);
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
        if (running.size >= concurrency) return;
        queue.pop();
        if (!head.removed && head.jobsDueAt !== null) void run(head, head.jobsDueAt, giveUp);
      }
    },
    nextAt: () =>
      running.size < concurrency
        ? (queue.peek()?.jobsAt ?? Number.POSITIVE_INFINITY)
        : Number.POSITIVE_INFINITY,
    running: () => running.size,
  };
}
