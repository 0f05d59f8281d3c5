import type { Clock } from "../src/clock.ts";

/** A clock that a test controls. Timers ring in order of their times as it passes them. */
export interface VirtualClock extends Clock {
  advance(ms: number): Promise<void>;
  /** The machine sleeps: only the wall clock advances. */
  suspend(ms: number): void;
  /** The process is paused while both clocks advance: overdue timers ring late. */
  stall(ms: number): void;
}

export function virtualClock(): VirtualClock {
  let monotonic = 0;
  let wall = 1_700_000_000_000;
  const timers = new Set<{ at: number; ring: () => void }>();
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
    after(ms, ring) {
      const timer = { at: monotonic + ms, ring };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const target = monotonic + ms;
      await new Promise(setImmediate);
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= target).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers.delete(due);
        forward(Math.max(0, due.at - monotonic));
        due.ring();
        await new Promise(setImmediate);
      }
      forward(target - monotonic);
    },
  };
}
