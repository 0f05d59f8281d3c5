/** The times of a lease, in milliseconds. */
export interface LeaseTiming {
  /** A runner counts as dead when another runner has not seen its counter change for this long. */
  readonly ttlMs: number;
  /** From one renewal to the next, ± 10 %. */
  readonly renewMs: number;
  /**
   * A runner stops relying on its shards this long before others may take them, because clocks run at unequal rates.
   */
  readonly marginMs: number;
}

export const LEASE_TIMING: LeaseTiming = { ttlMs: 15_000, renewMs: 5_000, marginMs: 2_000 };
