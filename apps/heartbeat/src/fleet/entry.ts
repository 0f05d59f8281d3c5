import type { Job } from "../workspace/jobs/job.ts";

/** What came of a step, as far as the scheduler needs to know. */
export interface ScheduledStep {
  /** How long to wait for the next one: until the next regular heartbeat, or so many milliseconds. */
  readonly wait: "interval" | number;
  /** True when the platform answered, whatever it said. */
  readonly reachedPlatform: boolean;
  /** True when it accepted a heartbeat: then the workspace's jobs run, too. */
  readonly isAlive: boolean;
}

/** What the scheduler runs for one workspace. */
export interface Scheduled {
  readonly jobs: readonly Job[];
  /** Does what is due. Never rejects. */
  step(signal: AbortSignal): Promise<ScheduledStep>;
  /** Runs one of its jobs. Never rejects. Not a promise when there was nothing to do. */
  runJob(job: Job, signal: AbortSignal): Promise<void> | undefined;
}

/** How many requests a step may need that registers: it looks first, and may have to say how messages come. */
export const REGISTRATION_REQUESTS = 3;

/** When the next request to a platform may be sent. */
export interface PlatformPause {
  /** Milliseconds until then; 0: now. */
  pauseMs(): number;
  /** How many requests may be sent until the next pause. @default infinity */
  room?(): number;
  /** A step begins, */
  stepBegins?(): void;
  /** or has ended. */
  stepEnds?(): void;
  /** From one heartbeat of a workspace to the next. @default the fleet's interval */
  heartbeatMs?(): number;
  /** From the end of a job's run to its next one. @default what the job says */
  jobMs?(job: Job): number;
  /** Until a job may send something; 0: now. @default 0 */
  jobPauseMs?(job: Job): number;
}

/** One workspace in the schedule. A class, because there may be 100,000 of them. */
export class Entry {
  readonly scheduled: Scheduled;
  readonly platform: PlatformPause;
  /** Where in the interval its heartbeats are, from 0 to 1. */
  readonly phase: number;
  stepAt = 0;
  /** When the first of its jobs is due. */
  jobsAt = 0;
  /** When each job is due; `null` before they started. */
  jobsDueAt: number[] | null = null;
  removed = false;
  /** Aborts the job that runs. */
  job: AbortController | null = null;
  #inFlight = 0;
  #onIdle: (() => void) | null = null;

  constructor(scheduled: Scheduled, platform: PlatformPause, phase: number) {
    this.scheduled = scheduled;
    this.platform = platform;
    this.phase = phase;
  }

  begin(): void {
    this.#inFlight += 1;
  }

  end(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#onIdle?.();
  }

  /**
   * Takes no further turn.
   *
   * @returns settles when what is in flight has ended; a request is not aborted, because its answer may hold a token
   */
  remove(): Promise<void> {
    this.removed = true;
    this.job?.abort();
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }
}
