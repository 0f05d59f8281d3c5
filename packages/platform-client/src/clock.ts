/** Time, as it is passed in. Both in milliseconds. */
export interface Clock {
  /** Since some fixed moment; never goes back. */
  monotonic(): number;
  /** Since 1970. `Retry-After` may name a date. */
  wall(): number;
}

/** The runtime's clock. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
};
