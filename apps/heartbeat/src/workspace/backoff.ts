/** Waits after failures vary by this fraction, so that workspaces that failed together do not return together. */
const JITTER = 0.1;
const FIRST_BACK_OFF_MS = 5_000;
const MAX_BACK_OFF_MS = 300_000;
/** The longest wait that a platform may ask for. */
const MAX_RETRY_AFTER_MS = 3_600_000;
const REGISTER_DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];

/** From 0 inclusive to 1 exclusive, as `Math.random`. */
export type Random = () => number;

/**
 * The wait after the nth failure in a row: 5 s, 10 s, 20 s … 300 s, ± 10 %, and never shorter than the platform asked
 * for. It starts below the interval because a workspace goes offline when two heartbeats in a row are late.
 */
export function backOffDelay(failures: number, retryAfterMs: number, random: Random): number {
  const delay = Math.min(MAX_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (failures - 1));
  const jittered = Math.min(MAX_BACK_OFF_MS, delay * (1 + JITTER * (2 * random() - 1)));
  return Math.max(jittered, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
}

/** The wait before the next attempt to register, after `tries` of them failed; `null` after the last. */
export function registerDelay(tries: number, retryAfterMs: number): number | null {
  const delay = REGISTER_DELAYS_MS[tries - 1];
  return delay === undefined ? null : Math.max(delay, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
}
