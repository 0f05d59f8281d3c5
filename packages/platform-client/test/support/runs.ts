/** Runs of each property. Set `FC_RUNS=10000` for a long run. */
export const numRuns = Number(process.env.FC_RUNS ?? 300);
