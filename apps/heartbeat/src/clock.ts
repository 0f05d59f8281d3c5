/** Time, as it is passed in. All durations are milliseconds. */
export interface Clock {
  /** Since some fixed moment; never goes back, but may stand still while the machine sleeps. */
  monotonic(): number;
  /** Since 1970; keeps running while the machine sleeps, but may be set. */
  wall(): number;
  /** Runs `ring` once, `ms` from now. Returns a function that cancels it, which may be called too late. */
  after(ms: number, ring: () => void): () => void;
}

/**
 * The machine's clock.
 *
 * @param speed how many seconds pass in one real second; the demo shows minutes in seconds with it
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

/** How long ago that was: the longer of what the two clocks say, so that neither sleep nor a set clock hides it. */
export function elapsedMs(since: Moment, now: Moment): number {
  return Math.max(now.monotonic - since.monotonic, now.wall - since.wall);
}
