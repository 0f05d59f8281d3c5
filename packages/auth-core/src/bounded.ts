import type { Awaitable, Signal } from "./signal.ts";

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
  throwIfAborted(signal);
  const control = new AbortController();
  const { signal: own } = control;
  // Listens before the work does, so that this rejection wins over the work's own reaction to the abort.
  const aborted = new Promise<never>((_, reject) => own.addEventListener("abort", () => reject(own.reason)));
  const answer = work(own);
  // Synchronous results need no timer, and some runtimes forbid timers outside a request.
  if (typeof answer !== "object" || !answer) return answer;
  const abort = () => control.abort(signal?.reason);
  signal?.addEventListener("abort", abort);
  const late = () => control.abort(new DOMException(`No answer within ${ms} ms`, "TimeoutError"));
  const timer = ms && setTimeout(late, Math.min(ms, LONGEST_MS));
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

export function throwIfAborted(signal: Signal | undefined): void {
  if (signal?.aborted) throw signal.reason;
}

/** Waits for a shared promise until `signal` aborts. Other callers keep waiting. */
export const unlessAborted = <T>(answer: Promise<T>, signal: Signal | undefined): Promise<T> =>
  signal ? bounded(() => answer, 0, signal) : answer;
