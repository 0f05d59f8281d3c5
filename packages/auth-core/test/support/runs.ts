/** How often each property is tried. `FC_RUNS=10000` for a long night. */
export const numRuns = Number(process.env.FC_RUNS ?? 300);

/** Time enough for that many runs of the slowest property. */
export const timeoutMs = Math.max(20_000, numRuns * 20);
