import type { Clock } from "../../clock.ts";
import { again, NEVER } from "../repeated.ts";
import type { Job, JobContext } from "./job.ts";

/** How often it checks even while other jobs' requests are answered. */
const ALWAYS_MS = 300_000;

/**
 * Finds out whether the platform still accepts the token. Heartbeats do not show it: while none of a workspace's tokens
 * is live, they are accepted with any bearer, and any client that registers is issued a token.
 */
export class TokenCheck implements Job {
  readonly everyMs: number;
  readonly #context: JobContext;
  readonly #clock: Pick<Clock, "monotonic">;
  #isAnswered = false;
  #askedAt: number;
  #failed = NEVER;

  constructor(
    context: JobContext,
    { everyMs, clock }: { readonly everyMs: number; readonly clock: Pick<Clock, "monotonic"> },
  ) {
    this.#context = context;
    this.everyMs = everyMs;
    this.#clock = clock;
    this.#askedAt = clock.monotonic();
  }

  /** Another job's request with the token was accepted or rejected, so no check is needed now. */
  answered(): void {
    this.#isAnswered = true;
  }

  run(signal: AbortSignal): Promise<void> | undefined {
    const isRecent = this.#clock.monotonic() - this.#askedAt < ALWAYS_MS;
    const isAnswered = this.#isAnswered;
    this.#isAnswered = false;
    return isAnswered && isRecent ? undefined : this.#ask(signal);
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { client } = this.#context;
    const result = await client.state({ signal });
    if (signal.aborted) return;
    if (result.ok || result.failure.kind === "unauthorized") this.#askedAt = this.#clock.monotonic();
    if (result.ok) {
      this.#failed = NEVER;
      return;
    }
    this.#failed = again(this.#failed, result.failure.code);
    const { failure } = result;
    this.#context.emit({ type: "job-failed", job: "token check", failure, count: this.#failed.count });
  }
}
