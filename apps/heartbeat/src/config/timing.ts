/** The intervals and timeouts of a workspace, in milliseconds. */
export interface Timing {
  /** From one heartbeat to the next. */
  readonly intervalMs: number;
  /** A request that takes longer is aborted. */
  readonly timeoutMs: number;
  /** How long a workspace stays online after a heartbeat: the shortest time of all known platforms. */
  readonly livenessTimeoutMs: number;
}

export const DEFAULT_TIMING: Timing = { intervalMs: 30_000, timeoutMs: 10_000, livenessTimeoutMs: 60_000 };
