import type { Clock } from "../clock.ts";

const WINDOW_MS = 60_000;
const SECOND_MS = 1_000;

interface Second {
  at: number;
  all: number;
  failed: number;
  /** The reason of the last failure. */
  why: string;
  /** The next entry. Not an array: most workspaces have two of them, and a growing array has room for 17. */
  next: Second | null;
}

/** The successes and failures of the last minute, which every heartbeat reports. */
export class ErrorRate {
  readonly #clock: Pick<Clock, "monotonic">;
  /** At most one entry per second, so that their number is bounded at any heartbeat interval. */
  #oldest: Second | null = null;
  #newest: Second | null = null;
  /** Those dropped, to be used again: only a full garbage collection would free them. */
  #spare: Second | null = null;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  record(ok: boolean, why = ""): void {
    const now = this.#clock.monotonic();
    this.#forget(now);
    const second = this.#secondAt(now);
    second.all += 1;
    if (ok) return;
    second.failed += 1;
    second.why = why;
  }

  /** `rate` is from 0 to 1, and 0 without any requests. `sampleError` is the last failure's reason, or empty. */
  now(): { readonly rate: number; readonly sampleError: string } {
    this.#forget(this.#clock.monotonic());
    let all = 0;
    let failures = 0;
    let sampleError = "";
    for (let each = this.#oldest; each !== null; each = each.next) {
      all += each.all;
      failures += each.failed;
      if (each.failed > 0) sampleError = each.why;
    }
    return { rate: all === 0 ? 0 : failures / all, sampleError };
  }

  #secondAt(now: number): Second {
    const newest = this.#newest;
    if (newest !== null && now - newest.at < SECOND_MS) return newest;
    const second = this.#takeSpare(now) ?? { at: now, all: 0, failed: 0, why: "", next: null };
    if (newest === null) this.#oldest = second;
    else newest.next = second;
    this.#newest = second;
    return second;
  }

  #takeSpare(now: number): Second | null {
    const spare = this.#spare;
    if (spare === null) return null;
    this.#spare = spare.next;
    spare.at = now;
    spare.all = 0;
    spare.failed = 0;
    spare.why = "";
    spare.next = null;
    return spare;
  }

  /** Drops entries older than the window. */
  #forget(now: number): void {
    const since = now - WINDOW_MS;
    while (this.#oldest !== null && this.#oldest.at <= since) {
      const { next } = this.#oldest;
      this.#oldest.next = this.#spare;
      this.#spare = this.#oldest;
      this.#oldest = next;
    }
    if (this.#oldest === null) this.#newest = null;
  }
}
