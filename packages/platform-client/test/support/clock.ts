import type { Clock } from "../../src/index.ts";

export interface ManualClock extends Clock {
  advance(ms: number): void;
}

/** A clock that only moves when a test advances it. */
export function manualClock(wallStart = Date.parse("2026-01-01T00:00:00Z")): ManualClock {
  let passed = 0;
  return {
    monotonic: () => passed,
    wall: () => wallStart + passed,
    advance(ms) {
      passed += ms;
    },
  };
}
