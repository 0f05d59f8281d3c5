import type { Signal } from "./signal.ts";
import type { Awaitable } from "./storage.ts";

/** With a longer delay, `setTimeout` fires immediately. */
const LONGEST_MS = 2_147_483_647;

/**
 * Waits at most `ms` (0: no limit) for the work, or until `signal` aborts. It then rejects with a `TimeoutError` or
 * the signal's reason, and aborts the work's own signal.
 */
export async function bounded<T>(
  work: (signal: Signal) => Awaitable<T>,
  ms: number,
  signal?: Signal,
): Promise<T> {
  if (signal?.aborted) throw signal.reason;
  const control = new AbortController();
  const answer = work(control.signal);
  // Synchronous results need no timer, and some runtimes forbid timers outside a request.
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
    const settled = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    Promise.resolve(answer).then(resolve, reject).then(settled);
  });
}

/** Waits for a shared promise until `signal` aborts. Other callers keep waiting. */
export const unlessAborted = <T>(answer: Promise<T>, signal: Signal | undefined): Promise<T> =>
  signal ? bounded(() => answer, 0, signal) : answer;
