const FAILURES_TO_OPEN = 3;
const FIRST_PROBE_MS = 5_000;
const LAST_PROBE_MS = 60_000;
/** A probe without a result for this long no longer blocks the next one. */
const PROBE_TIMEOUT_MS = 60_000;
/** While a probe is in flight: when to try again. */
const PROBE_POLL_MS = 1_000;

/**
 * Counts consecutive failures and computes the pause that follows. Pure: times are milliseconds on a monotonic clock,
 * passed in.
 */
export class Circuit {
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #pausedAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #probeUntil = Number.NEGATIVE_INFINITY;

  isOpen(now: number): boolean {
    return this.needsProbe() || now < this.#pausedUntil;
  }

  /** True after so many failures that requests are sent one at a time. */
  needsProbe(): boolean {
    return this.#failures >= FAILURES_TO_OPEN;
  }

  pauseMs(now: number): number {
    return Math.max(0, this.#pausedUntil - now);
  }

  /** How long until the next request, or probe, may start; 0: now. */
  waitMs(now: number): number {
    const pauseMs = this.pauseMs(now);
    if (pauseMs > 0 || !this.needsProbe() || now >= this.#probeUntil) return pauseMs;
    return Math.min(PROBE_POLL_MS, this.#probeUntil - now);
  }

  startProbe(now: number): void {
    this.#probeUntil = now + PROBE_TIMEOUT_MS;
  }

  endProbe(): void {
    this.#probeUntil = Number.NEGATIVE_INFINITY;
  }

  /** The response to a request that began before the last failure or pause is outdated, and ignored. */
  succeed(startedAt: number): void {
    if (startedAt < this.#failedAt || startedAt < this.#pausedAt) return;
    this.#failures = 0;
    this.#pausedUntil = Number.NEGATIVE_INFINITY;
  }

  fail(startedAt: number, now: number, retryAfterMs: number): void {
    this.pause(now, retryAfterMs);
    // Of concurrent requests, only the first failure counts.
    if (startedAt < this.#failedAt) return;
    this.#failedAt = now;
    this.#failures += 1;
    if (!this.needsProbe()) return;
    this.pause(now, Math.min(LAST_PROBE_MS, FIRST_PROBE_MS * 2 ** (this.#failures - FAILURES_TO_OPEN)));
  }

  pause(now: number, ms: number): void {
    if (ms > 0) this.#pausedAt = now;
    this.#pausedUntil = Math.max(this.#pausedUntil, now + ms);
  }
}
