/** The times of a lease, in milliseconds. */
export interface LeaseTiming {
  /** A runner whose counter stands still for so long, as another one sees it, is dead. */
  readonly ttlMs: number;
  /** From one renewal to the next, ± a tenth. */
  readonly renewMs: number;
  /** So long before others may take its shards, a runner stops to count on them. Makes up for clocks of unequal rates. */
  readonly marginMs: number;
}

export const LEASE_TIMING: LeaseTiming = { ttlMs: 15_000, renewMs: 5_000, marginMs: 2_000 };
