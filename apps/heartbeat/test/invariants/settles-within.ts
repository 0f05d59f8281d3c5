import type { VirtualClock } from "../virtual-clock.ts";

const STEP_MS = 500;

/** Advances time until the promise has settled, at most this long. */
export async function settlesWithin(
  clock: VirtualClock,
  promise: Promise<unknown>,
  ms: number,
): Promise<boolean> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  for (let waitedMs = 0; waitedMs <= ms; waitedMs += STEP_MS) {
    await clock.advance(0);
    if (isSettled) {
      await settled;
      return true;
    }
    await clock.advance(STEP_MS);
  }
  return false;
}
