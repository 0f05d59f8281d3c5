/** `FC_FACTOR=10` runs ten times as many cases, `FC_SEED` other ones; a failure prints seed and path. */
export const FACTOR = Number(process.env.FC_FACTOR ?? 1);

/** How often to run a property, and with which seed unless `FC_SEED` names another. */
export const runs = (numRuns: number, seed = 7) => ({
  numRuns: numRuns * FACTOR,
  seed: Number(process.env.FC_SEED ?? seed),
});
