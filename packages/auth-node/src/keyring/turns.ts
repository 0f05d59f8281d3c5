import type { Signal } from "@x/auth-core";

/** Runs tasks one at a time, in the order of the calls. */
export type Turns = <T>(work: () => Promise<T>, signal: Signal | undefined) => Promise<T>;

/** An abort rejects immediately; a running task still finishes before the next one starts. */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (work, signal) => {
    const turn = last;
    const result = unlessAborted(turn, signal).then(work);
    last = Promise.allSettled([turn, result]);
    return result;
  };
}

function unlessAborted(turn: Promise<unknown>, signal: Signal | undefined): Promise<unknown> {
  if (signal === undefined) return turn;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    void turn.then(() => {
      signal.removeEventListener("abort", abort);
      resolve(undefined);
    });
  });
}
