import TinyQueue from "tinyqueue";
import type { Clock } from "../src/clock.ts";
import type { DiskClock } from "./disk-clock.ts";

/** Time that stops during computation and disk access, and otherwise jumps to the next timer. */
export interface VirtualTime extends Clock {
  /** Runs everything due within `ms`. */
  pass(ms: number): Promise<void>;
}

interface Timer {
  readonly at: number;
  /** Timers for the same moment run in the order in which they were set. */
  readonly turn: number;
  ring: (() => void) | null;
}

/**
 * Timers are late by less than this, as on any machine, and those due together run together. (With fractions of a
 * millisecond, rounding could also wake a sleeper slightly too early, at the same instant, endlessly.)
 */
const TICK_MS = 100;

/** 2026-01-01, 00:00 UTC. */
const START_WALL = 1_767_225_600_000;

/** @param disk what to wait for before time passes. @default nothing */
export function virtualTime(disk?: Pick<DiskClock, "untilIdle">): VirtualTime {
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
      // It stays in the queue, which is cheaper than removing it, but references nothing any more.
      return () => {
        timer.ring = null;
      };
    },
    async pass(ms) {
      const end = now + ms;
      for (;;) {
        await quiet(disk);
        const next = timers.peek();
        if (next === undefined || next.at > end) break;
        now = next.at;
        ringAll(now);
      }
      now = end;
    },
  };
}

/** Waits until every promise that can settle has settled and no disk operation is pending. */
async function quiet(disk?: Pick<DiskClock, "untilIdle">): Promise<void> {
  for (;;) {
    await new Promise<void>(setImmediate);
    const idle = disk?.untilIdle() ?? null;
    if (idle === null) return;
    await idle;
  }
}
