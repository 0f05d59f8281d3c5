import { again, NEVER } from "../repeated.ts";
import type { Job, JobContext } from "./job.ts";

/**
 * Fetches the status that the platform reports for the workspace. A heartbeat answered with 200 proves nothing: the
 * platform accepts heartbeats of workspaces that were removed, or never existed, as well.
 */
export class StatusCheck implements Job {
  readonly everyMs = 300_000;
  readonly #context: JobContext;
  readonly #onOffline: () => void;
  #status: string | null = null;
  #failed = NEVER;

  /** @param onOffline called when the platform reports the workspace as offline, although its heartbeats are accepted */
  constructor(context: JobContext, onOffline: () => void) {
    this.#context = context;
    this.#onOffline = onOffline;
  }

  /** The last status that the platform reported; `null` before it was asked. */
  status(): string | null {
    return this.#status;
  }

  /** A registration found out, and has reported, that the workspace was removed. */
  markRemoved(): void {
    this.#status = "removed";
  }

  #found(status: string): void {
    const { emit } = this.#context;
    // Reported each time: nothing else about this workspace matters until an operator fixes it.
    if (status === "removed") emit({ type: "removed" });
    else if (status !== this.#status && this.#status !== null) emit({ type: "status", status });
    this.#status = status;
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.now(signal);
  }

  /** Fetches the status now; `null` when the platform does not give one. */
  async now(signal: AbortSignal): Promise<string | null> {
    const { client, emit } = this.#context;
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
      emit({ type: "job-failed", job: "status check", failure: result.failure, count: this.#failed.count });
      return null;
    }
    if (this.#status === "offline") this.#onOffline();
    return this.#status;
  }
}
