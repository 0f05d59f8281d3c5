/** An injected clock, in milliseconds. */
export interface Clock {
  /** Time since an arbitrary start; never goes backwards. */
  monotonic(): number;
  /** Time since 1970, for `Retry-After` dates. */
  wall(): number;
}

/** The runtime's clock. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
};
