import type { Clock } from "../src/clock.ts";

/**
 * The clock of the file threads, in real time. Each job has a timer that is cancelled when the disk has answered, so
 * the timers show whether a job is in flight.
 */
export interface DiskClock extends Pick<Clock, "after"> {
  /** Settles when no job is in flight; `null` if none is. */
  untilIdle(): Promise<void> | null;
}

export function diskClock(): DiskClock {
  const running = new Set<NodeJS.Timeout>();
  let onIdle = () => {};

  function end(timer: NodeJS.Timeout): void {
    running.delete(timer);
    if (running.size === 0) onIdle();
  }

  return {
    after(ms, ring) {
      const timer = setTimeout(() => {
        end(timer);
        ring();
      }, ms);
      running.add(timer);
      return () => {
        clearTimeout(timer);
        end(timer);
      };
    },
    untilIdle() {
      if (running.size === 0) return null;
      return new Promise((resolve) => {
        onIdle = resolve;
      });
    },
  };
}
