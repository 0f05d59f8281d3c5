import type { Job } from "../workspace/jobs/job.ts";

/** The result of a step, as far as the scheduler needs it. */
export interface ScheduledStep {
  /** When the next step runs: at the next regular heartbeat, or after this many milliseconds. */
  readonly wait: "interval" | number;
  /** True when the platform answered, with any status. */
  readonly reachedPlatform: boolean;
  /** True when it accepted a heartbeat: then the workspace's jobs also run. */
  readonly isAlive: boolean;
}

/** What the scheduler runs for one workspace. */
export interface Scheduled {
  /** The platform has accepted its registration, and it needs heartbeats to stay online. */
  readonly isRegistered: boolean;
  readonly jobs: readonly Job[];
  /** Runs the step that is due. Never rejects. */
  step(signal: AbortSignal): Promise<ScheduledStep>;
  /** Runs one of its jobs. Never rejects. Returns no promise when there was nothing to do. */
  runJob(job: Job, signal: AbortSignal): Promise<void> | undefined;
}

/** Most requests of a step that registers: it checks first, and may have to set the delivery mode. */
export const REGISTRATION_REQUESTS = 3;

/** When the next request to a platform may be sent. */
export interface PlatformPause {
  /** Milliseconds until then; 0: now. */
  pauseMs(): number;
  /** How many requests may be sent until the next pause. @default infinity */
  room?(): number;
  /** Called when a step begins. */
  stepBegins?(): void;
  /** Called when a step has ended. */
  stepEnds?(): void;
  /** From one heartbeat of a workspace to the next. @default the fleet's interval */
  heartbeatMs?(): number;
  /** From the end of a job's run to its next one. @default what the job says */
  jobMs?(job: Job): number;
  /** Milliseconds until a job may send a request; 0 for now. @default 0 */
  jobPauseMs?(job: Job): number;
}

/** One workspace in the schedule. A class, because there may be 100,000 of them. */
export class Entry {
  readonly scheduled: Scheduled;
  readonly platform: PlatformPause;
  /** The position of its heartbeats within the interval, from 0 to 1. */
  readonly phase: number;
  stepAt = 0;
  /** When the first of its jobs is due. */
  jobsAt = 0;
  /** When each job is due; `null` before they started. */
  jobsDueAt: number[] | null = null;
  removed = false;
  /** Aborts the running job. */
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
   * Removes it from the schedule.
   *
   * @returns settles when everything in flight has ended; a request is not aborted, because its answer may hold a token
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
