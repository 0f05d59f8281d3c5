/** Injectable time. All durations are in milliseconds. */
export interface Clock {
  /** Monotonic time since an arbitrary moment; may pause while the machine sleeps. */
  monotonic(): number;
  /** Wall-clock time since 1970; continues while the machine sleeps, but may be set. */
  wall(): number;
  /** Runs `ring` once after `ms`. Returns a function that cancels it; calling it after the fact does nothing. */
  after(ms: number, ring: () => void): () => void;
}

/**
 * The machine's clock.
 *
 * @param speed simulated seconds per real second; the demo uses it to show minutes in seconds
 */
export function systemClock(speed = 1): Clock {
  const startWall = Date.now();
  const startMonotonic = performance.now();
  return {
    monotonic: () => startMonotonic + (performance.now() - startMonotonic) * speed,
    wall: () => startWall + (Date.now() - startWall) * speed,
    after(ms, ring) {
      const timer = setTimeout(ring, ms / speed);
      return () => clearTimeout(timer);
    },
  };
}

/** Resolves after `ms`, or as soon as the signal aborts; never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal?.addEventListener("abort", done);
  });
}

/** A moment on both clocks. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

export const momentOf = (clock: Clock): Moment => ({ monotonic: clock.monotonic(), wall: clock.wall() });

/** The time since then: the larger of the two clocks' differences, so that neither sleep nor a set clock hides it. */
export function elapsedMs(since: Moment, now: Moment): number {
  return Math.max(now.monotonic - since.monotonic, now.wall - since.wall);
}

/** Measures the time since it was last started. It overwrites two numbers, so that it leaves no garbage. */
export class Stopwatch {
  #monotonic = Number.NaN;
  #wall = Number.NaN;

  start(clock: Omit<Clock, "after">): void {
    this.#monotonic = clock.monotonic();
    this.#wall = clock.wall();
  }

  /** See {@link elapsedMs}; 0 before the first start. */
  elapsedMs(clock: Omit<Clock, "after">): number {
    if (Number.isNaN(this.#wall)) return 0;
    return Math.max(clock.monotonic() - this.#monotonic, clock.wall() - this.#wall);
  }
}
