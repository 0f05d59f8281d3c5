import type { PlatformResult, RateLimitSeen } from "@x/platform-client";
import { type Clock, sleep } from "../../clock.ts";
import { MAX_PAUSES, pauseMsFor } from "../../workspace/asked-pause.ts";

/** So many requests are sent in any case: a few workspaces are checked without a pause. */
const FREE_REQUESTS = 20;

export interface SharedLimitOptions {
  readonly clock: Clock;
  readonly onPause: (ms: number) => void;
}

/**
 * The checks of a long list would use up a rate limit that they share with the runner. Half of it is left to the runner,
 * whose heartbeats are rejected otherwise.
 */
export class SharedLimit {
  readonly #options: SharedLimitOptions;
  #sent = 0;
  #sentSincePause = 0;
  #resumesAt = Number.NEGATIVE_INFINITY;
  /** Since a request was accepted. */
  #pausesInVain = 0;

  constructor(options: SharedLimitOptions) {
    this.#options = options;
  }

  observe({ bucket, rateLimit: { limit, remaining, resetAfterMs } }: RateLimitSeen): void {
    // One workspace's own limit says nothing about the next one's.
    if (bucket === "bearer" || this.#sentSincePause < FREE_REQUESTS || this.#hasGivenUp) return;
    if (remaining * 2 < limit) this.#pause(resetAfterMs);
  }

  /** Waits for the platform's pauses, and asks again after them; but for a few workspaces, the first answers are enough. */
  async keep<T>(ask: () => Promise<PlatformResult<T>>): Promise<PlatformResult<T>> {
    for (;;) {
      await this.#wait();
      this.#sent += 1;
      this.#sentSincePause += 1;
      const result = await ask();
      if (result.ok) this.#pausesInVain = 0;
      if (result.ok || result.failure.code !== "RATE_LIMITED") return result;
      if (this.#sent <= FREE_REQUESTS || this.#hasGivenUp) return result;
      if (!this.#pause(result.failure.retryAfterMs)) return result;
      this.#pausesInVain += 1;
    }
  }

  /** Others use up the limit at once: each further answer is reported until one is accepted. */
  get #hasGivenUp(): boolean {
    return this.#pausesInVain === MAX_PAUSES;
  }

  /** @returns false when it is too long */
  #pause(askedMs: number): boolean {
    const ms = pauseMsFor(askedMs);
    if (ms === null) return false;
    this.#resumesAt = this.#options.clock.monotonic() + ms;
    return true;
  }

  async #wait(): Promise<void> {
    const { clock, onPause } = this.#options;
    const ms = this.#resumesAt - clock.monotonic();
    if (ms <= 0) return;
    onPause(ms);
    await sleep(clock, ms);
    this.#sentSincePause = 0;
  }
}
