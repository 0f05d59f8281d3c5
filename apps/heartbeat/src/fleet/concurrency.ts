/** Promises that have not settled yet. */
export interface InFlight {
  /** Settles as the promise does. */
  track<T>(promise: Promise<T>): Promise<T>;
  /** Resolves when nothing is in flight, at once if nothing is. */
  settled(): Promise<void>;
}

export function createInFlight(): InFlight {
  let count = 0;
  let onSettled = () => {};
  return {
    async track(promise) {
      count += 1;
      try {
        return await promise;
      } finally {
        count -= 1;
        if (count === 0) onSettled();
      }
    },
    settled: () =>
      new Promise((resolve) => {
        onSettled = resolve;
        if (count === 0) resolve();
      }),
  };
}
