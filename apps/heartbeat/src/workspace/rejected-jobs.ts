import type { WorkspaceEvent } from "./events.ts";

/** What came of the requests of a job's run. */
export type JobOutcome = "accepted" | "rejected" | "unknown";

const JOB_FAILURES: ReadonlySet<string> = new Set(["job-failed", "message-failed", "answer-failed"]);

/**
 * Notices jobs whose token the platform rejects, of whatever kind they are. Heartbeats are accepted at that time, or no
 * job would run: so no token of the workspace is live, and whoever registers is issued one.
 */
export class RejectedJobs {
  #outcome: JobOutcome = "accepted";

  observe(event: WorkspaceEvent): void {
    if (!("failure" in event) || !JOB_FAILURES.has(event.type)) return;
    if (event.failure.kind === "unauthorized") this.#outcome = "rejected";
    else if (this.#outcome === "accepted") this.#outcome = "unknown";
  }

  /** What came of the run that has just ended. */
  take(): JobOutcome {
    const outcome = this.#outcome;
    this.#outcome = "accepted";
    return outcome;
  }
}
