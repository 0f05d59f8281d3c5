/** How often each property is tried. `FC_RUNS=10000` for a long night. */
export const numRuns = Number(process.env.FC_RUNS ?? 300);
