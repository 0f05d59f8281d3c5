import TinyQueue from "tinyqueue";
import type { Clock } from "../src/clock.ts";

/** Time that stands still while anybody computes or waits for the disk, and otherwise jumps to what is due next. */
export interface VirtualTime extends Clock {
  /** Lets everything happen that is due within `ms`. */
  pass(ms: number): Promise<void>;
}

interface Timer {
  readonly at: number;
  /** Of two for the same moment the one that was set first goes first. */
  readonly turn: number;
  ring: (() => void) | null;
}

/**
 * Timers are late by less than this, as they are on any machine, and those that are due together are served together.
 * (With fractions of a millisecond, rounding could also wake somebody just too early, at the same moment for ever.)
 */
const TICK_MS = 100;

/** 2026-01-01, 00:00 UTC. */
const START_WALL = 1_767_225_600_000;

export function virtualTime(): VirtualTime {
  const timers = new TinyQueue<Timer>([], (a, b) => a.at - b.at || a.turn - b.turn);
  let now = 0;
  let turns = 0;

  function set(ms: number, ring: () => void): Timer {
    turns += 1;
    const timer = { at: Math.ceil((now + Math.max(0, ms)) / TICK_MS) * TICK_MS, turn: turns, ring };
    timers.push(timer);
    return timer;
  }

  function ringAll(at: number): void {
    for (let next = timers.peek(); next !== undefined && next.at <= at; next = timers.peek()) {
      timers.pop();
      next.ring?.();
    }
  }

  return {
    monotonic: () => now,
    wall: () => START_WALL + now,
    after(ms, ring) {
      const timer = set(ms, ring);
      // It stays in the queue, which is cheaper than taking it out, but holds nothing any more.
      return () => {
        timer.ring = null;
      };
    },
    async pass(ms) {
      const end = now + ms;
      for (;;) {
        await quiet();
        const next = timers.peek();
        if (next === undefined || next.at > end) break;
        now = next.at;
        ringAll(now);
      }
      now = end;
    },
  };
}

/**
 * Until all promises that can settle have settled, and nobody waits for the disk. A real timer means that, too: whoever
 * reads a file in the moment in which it is rewritten looks again some milliseconds later.
 */
async function quiet(): Promise<void> {
  do await new Promise<void>(setImmediate);
  while (process.getActiveResourcesInfo().some(isOfDisk));
}

const isOfDisk = (resource: string): boolean => /^(FS|FileHandle|Timeout)/.test(resource);
