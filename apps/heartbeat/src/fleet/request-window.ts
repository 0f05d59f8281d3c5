import type { RateLimit } from "@x/platform-client";
import type { Clock } from "../clock.ts";

const MINUTE_MS = 60_000;
/** The platform reports the end of a window in whole seconds, rounded down. */
const ROUNDED_OFF_MS = 1_000;

/** The current window of a limit that all workspaces of a tenant share. */
interface Window {
  readonly limit: number;
  left: number;
  endsAt: number;
}

/** Counts the requests to a platform against its limit, as its answers state it. */
export class RequestWindow {
  readonly #clock: Pick<Clock, "monotonic">;
  /** Grows when a stated end shows that the platform's windows are longer. */
  #lengthMs = MINUTE_MS;
  /** The end that was stated last. */
  #statedEnd = Number.NEGATIVE_INFINITY;
  #window: Window | null = null;
  #inFlight = 0;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  get lengthMs(): number {
    return this.#lengthMs;
  }

  /** `null` while no shared limit is known. */
  current(): Readonly<Window> | null {
    return this.#current();
  }

  /** A request is sent. */
  sent(): void {
    this.#inFlight += 1;
    const window = this.#current();
    if (window !== null) window.left -= 1;
  }

  /** A request has ended. */
  ended(): void {
    this.#inFlight -= 1;
  }

  /**
   * Records the limit that an answer states.
   *
   * @param isShared by all workspaces; otherwise each of them has a limit of its own, which is not counted here
   * @returns the limit in requests per minute
   */
  observe({ limit, remaining, resetAfterMs }: RateLimit, isShared: boolean): number {
    const endsAt = this.#clock.monotonic() + resetAfterMs + ROUNDED_OFF_MS;
    const knownMs = isShared && this.#isDisproved(endsAt) ? MINUTE_MS : this.#lengthMs;
    this.#lengthMs = Math.max(knownMs, resetAfterMs);
    if (isShared) this.#statedEnd = endsAt;
    // Requests in flight have not been counted there yet.
    this.#window = isShared ? { limit, left: remaining - this.#inFlight, endsAt } : null;
    return (limit * MINUTE_MS) / this.#lengthMs;
  }

  /**
   * Whether the window's length was computed from a wrong statement, by an edge in front of the platform or a wrong
   * clock. A window's end never moves closer, although answers in flight may make it seem so by seconds.
   */
  #isDisproved(endsAt: number): boolean {
    return this.#clock.monotonic() < this.#statedEnd && endsAt < this.#statedEnd - MINUTE_MS;
  }

  #current(): Window | null {
    const window = this.#window;
    if (window === null) return null;
    const now = this.#clock.monotonic();
    if (now >= window.endsAt) {
      window.left = window.limit - this.#inFlight;
      window.endsAt = now + this.#lengthMs;
    }
    return window;
  }
}
