import type { Signal } from "./signal.ts";
import type { Awaitable } from "./storage.ts";

/** A longer time makes `setTimeout` fire at once. */
const LONGEST_MS = 2_147_483_647;

/**
 * Waits for the work at most `ms` (0: as long as it takes), and no longer than until `signal` aborts. Then it rejects,
 * with a `TimeoutError` or the signal's reason, and the work's own signal aborts.
 */
export async function bounded<T>(
  work: (signal: Signal) => Awaitable<T>,
  ms: number,
  signal?: Signal,
): Promise<T> {
  if (signal?.aborted) throw signal.reason;
  const control = new AbortController();
  const answer = work(control.signal);
  // Nothing to wait for; and some runtimes allow no timer outside of a request.
  if (typeof answer !== "object" || !answer) return answer;
  return new Promise((resolve, reject) => {
    const end = (reason: unknown) => {
      reject(reason);
      control.abort(reason);
    };
    const abort = () => end(signal?.reason);
    signal?.addEventListener("abort", abort);
    const timer =
      ms &&
      setTimeout(
        () => end(Object.assign(new Error(`No answer within ${ms} ms`), { name: "TimeoutError" })),
        Math.min(ms, LONGEST_MS),
      );
    Promise.resolve(answer)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      });
  });
}

/** Waits for what others may wait for as well: their wait goes on when this one ends. */
export const unlessAborted = <T>(answer: Promise<T>, signal: Signal | undefined): Promise<T> =>
  signal ? bounded(() => answer, 0, signal) : answer;
