import type { Outcome } from "../transport/reply.ts";

/** After this many failures in a row, of any of its workspaces, the platform counts as down. */
const FAILURES_TO_OPEN = 3;
const FIRST_PROBE_MS = 5_000;
const LAST_PROBE_MS = 60_000;

/**
 * Shared by all workspaces of one platform: while it is down or asks for a pause, none of them sends, except for a probe
 * now and then. All times are milliseconds on a clock that never goes back.
 */
export interface CircuitBreaker {
  /** May a request start now? A `true` while the platform is down is for one probe. */
  admit(now: number): boolean;
  /** The outcome of a request that began at `startedAt`. */
  report(outcome: Outcome, startedAt: number, now: number): void;
  /** True while requests pass. */
  isClosed(now: number): boolean;
  /** When the next probe may start. */
  probeAt(): number;
}

export function createCircuitBreaker(): CircuitBreaker {
  let failures = 0;
  let failedAt = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let probing = false;
  const isClosed = (now: number) => failures < FAILURES_TO_OPEN && now >= pausedUntil;
  return {
    isClosed,
    probeAt: () => pausedUntil,
    admit(now) {
      if (isClosed(now)) return true;
      if (probing || now < pausedUntil) return false;
      probing = true;
      return true;
    },
    report(outcome, startedAt, now) {
      probing = false;
      if (outcome.kind !== "unavailable") {
        failures = 0;
        // An answer that was in flight when another one asked for a pause does not end the pause.
        if (startedAt >= failedAt) pausedUntil = Number.NEGATIVE_INFINITY;
        return;
      }
      pausedUntil = Math.max(pausedUntil, now + outcome.retryAfterMs);
      // Of requests that were in flight together, only the first failure counts.
      if (startedAt < failedAt) return;
      failedAt = now;
      failures += 1;
      if (failures < FAILURES_TO_OPEN) return;
      const wait = Math.min(LAST_PROBE_MS, FIRST_PROBE_MS * 2 ** (failures - FAILURES_TO_OPEN));
      pausedUntil = Math.max(pausedUntil, now + wait);
    },
  };
}
