import { statusIn } from "../../transport/reply.ts";
import { again, NEVER } from "../repeated.ts";
import type { Job, JobContext } from "./job.ts";

/** One check every so many heartbeats: at 30 s, every five minutes. */
const EVERY = 10;

/**
 * Fetches the status that the platform reports for the workspace. A heartbeat answered with 200 proves nothing: the
 * platform accepts heartbeats of workspaces that were removed, or never existed, as well.
 */
export class StatusCheck implements Job {
  readonly #context: JobContext;
  readonly #onOffline: () => void;
  #status: string | null = null;
  #heartbeats = 0;
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

  /** Fetches the status now; `null` when the platform does not give one. */
  async now(signal?: AbortSignal): Promise<string | null> {
    const { workspaceId, client, emit } = this.#context;
    const request = { method: "GET" as const, path: `workspaces/${workspaceId}`, signal };
    const { outcome, reply } = await client.send(request);
    if (outcome.kind !== "accepted" && outcome.kind !== "not_found") {
      this.#failed = again(this.#failed, outcome.why);
      emit({ type: "job-failed", what: "status check", outcome, count: this.#failed.count });
      return null;
    }
    this.#failed = NEVER;
    const found = outcome.kind === "not_found" ? "not_found" : statusIn(reply);
    if (found === null) return null;
    // Reported each time: nothing else about this workspace matters until an operator fixes it.
    if (found === "not_found" || found === "removed") emit({ type: "removed" });
    else if (found !== this.#status && this.#status !== null) emit({ type: "status", status: found });
    this.#status = found === "not_found" ? "removed" : found;
    if (this.#status === "offline") this.#onOffline();
    return this.#status;
  }

  async run(signal: AbortSignal | undefined): Promise<void> {
    if (this.#heartbeats % EVERY === 0) await this.now(signal);
    this.#heartbeats += 1;
  }
}
