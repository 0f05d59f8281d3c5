import type { WorkspaceEvent } from "./events.ts";

/** The result of the requests of a job's run. */
export type JobOutcome = "accepted" | "rejected" | "unknown";

const JOB_FAILURES: ReadonlySet<string> = new Set(["job-failed", "message-failed", "answer-failed"]);

/**
 * Detects jobs whose token the platform rejects. Heartbeats are being accepted then, or no job would run: so no token
 * of the workspace is live, and any client that registers is issued one.
 */
export class RejectedJobs {
  #outcome: JobOutcome = "accepted";

  observe(event: WorkspaceEvent): void {
    if (!("failure" in event) || !JOB_FAILURES.has(event.type)) return;
    if (event.failure.kind === "unauthorized") this.#outcome = "rejected";
    else if (this.#outcome === "accepted") this.#outcome = "unknown";
  }

  /** The result of the last run. */
  take(): JobOutcome {
    const outcome = this.#outcome;
    this.#outcome = "accepted";
    return outcome;
  }
}
