/** What has begun and not come to its end. */
export interface UnderWay {
  /** Gives what the promise gives. */
  follow<T>(promise: Promise<T>): Promise<T>;
  /** Resolves when nothing is under way, at once if that is so already. */
  ended(): Promise<void>;
}

export function createUnderWay(): UnderWay {
  let count = 0;
  let onEnded = () => {};
  return {
    async follow(promise) {
      count += 1;
      try {
        return await promise;
      } finally {
        count -= 1;
        if (count === 0) onEnded();
      }
    },
    ended: () =>
      new Promise((resolve) => {
        onEnded = resolve;
        if (count === 0) resolve();
      }),
  };
}
