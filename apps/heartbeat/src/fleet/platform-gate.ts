import type { Outcome } from "../platform/reply.ts";

/** So many failures in a row, of whichever workspaces, and the platform counts as down. */
const FAILURES_TO_CLOSE = 3;
const FIRST_PROBE_MS = 5_000;
const LAST_PROBE_MS = 60_000;

/**
 * What all workspaces of one platform know of it together: when it is down or asks for a pause, none sends but for a
 * probe now and then. All times are milliseconds on a clock that never goes back.
 */
export interface PlatformGate {
  /** May a request start now? A `true` while the platform is down is for one probe. */
  admit(now: number): boolean;
  /** What came of a request that began at `startedAt`. */
  report(outcome: Outcome, startedAt: number, now: number): void;
  isOpen(now: number): boolean;
  /** When the next probe may start. */
  probeAt(): number;
}

export function createPlatformGate(): PlatformGate {
  let failures = 0;
  let failedAt = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let probing = false;
  const isOpen = (now: number) => failures < FAILURES_TO_CLOSE && now >= pausedUntil;
  return {
    isOpen,
    probeAt: () => pausedUntil,
    admit(now) {
      if (isOpen(now)) return true;
      if (probing || now < pausedUntil) return false;
      probing = true;
      return true;
    },
    report(outcome, startedAt, now) {
      probing = false;
      if (outcome.kind !== "unavailable") {
        failures = 0;
        // An answer that was under way when another one asked for a pause does not end the pause.
        if (startedAt >= failedAt) pausedUntil = Number.NEGATIVE_INFINITY;
        return;
      }
      pausedUntil = Math.max(pausedUntil, now + outcome.retryAfterMs);
      // Of requests that were under way together, the first failure says all there is to say.
      if (startedAt < failedAt) return;
      failedAt = now;
      failures += 1;
      if (failures < FAILURES_TO_CLOSE) return;
      const wait = Math.min(LAST_PROBE_MS, FIRST_PROBE_MS * 2 ** (failures - FAILURES_TO_CLOSE));
      pausedUntil = Math.max(pausedUntil, now + wait);
    },
  };
}
