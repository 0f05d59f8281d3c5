import { again, NEVER } from "../repeated.ts";
import type { Job, JobContext } from "./job.ts";

export interface StatusContext extends JobContext {
  /** The platform reports the workspace as offline although its heartbeats are accepted. */
  onOffline(): void;
}

/**
 * Fetches the status that the platform reports for the workspace. A heartbeat answered with 200 proves nothing: the
 * platform also accepts heartbeats of workspaces that were removed or never existed.
 */
export class StatusCheck implements Job {
  readonly everyMs = 300_000;
  readonly #context: StatusContext;
  #status: string | null = null;
  #failed = NEVER;

  constructor(context: StatusContext) {
    this.#context = context;
  }

  /** The last status that the platform reported; `null` before the first check. */
  status(): string | null {
    return this.#status;
  }

  /** A registration has found and reported that the workspace was removed. */
  markRemoved(): void {
    this.#status = "removed";
  }

  #found(status: string): void {
    // Reported each time: nothing else about this workspace matters until an operator fixes it.
    if (status === "removed") this.#context.emit({ type: "removed" });
    else if (status !== this.#status && this.#status !== null) this.#context.emit({ type: "status", status });
    this.#status = status;
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.now(signal);
  }

  /** Fetches the current status; `null` when the platform does not return one. */
  async now(signal: AbortSignal): Promise<string | null> {
    const { client } = this.#context;
    const result = await client.workspace({ signal });
    if (result.ok) {
      this.#failed = NEVER;
      if (result.value.status === "") return null;
      this.#found(result.value.status);
    } else if (result.failure.kind === "not_found") {
      this.#failed = NEVER;
      this.#found("removed");
    } else {
      if (signal.aborted) return null;
      this.#failed = again(this.#failed, result.failure.code);
      const { failure } = result;
      this.#context.emit({ type: "job-failed", job: "status check", failure, count: this.#failed.count });
      return null;
    }
    if (this.#status === "offline") this.#context.onOffline();
    return this.#status;
  }
}
