import type { Clock } from "../src/clock.ts";

/** A clock that a test moves. Sleepers wake in order of their times as it passes them. */
export interface VirtualClock extends Clock {
  advance(ms: number): Promise<void>;
  /** The machine sleeps: only the wall clock goes on. */
  suspend(ms: number): void;
  /** The process stands still while both clocks go on: whoever should have woken wakes late. */
  stall(ms: number): void;
}

export function virtualClock(): VirtualClock {
  let monotonic = 0;
  let wall = 1_700_000_000_000;
  const sleepers = new Set<{ until: number; wake: () => void }>();
  const forward = (ms: number) => {
    monotonic += ms;
    wall += ms;
  };
  return {
    monotonic: () => monotonic,
    wall: () => wall,
    suspend(ms) {
      wall += ms;
    },
    stall: forward,
    sleep(ms, signal) {
      return new Promise((resolve) => {
        const sleeper = {
          until: monotonic + ms,
          wake() {
            sleepers.delete(sleeper);
            signal?.removeEventListener("abort", sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", sleeper.wake);
        if (signal?.aborted) sleeper.wake();
      });
    },
    async advance(ms) {
      const target = monotonic + ms;
      await new Promise(setImmediate);
      for (;;) {
        const due = [...sleepers].filter(({ until }) => until <= target).sort((a, b) => a.until - b.until)[0];
        if (due === undefined) break;
        forward(Math.max(0, due.until - monotonic));
        due.wake();
        await new Promise(setImmediate);
      }
      forward(target - monotonic);
    },
  };
}
