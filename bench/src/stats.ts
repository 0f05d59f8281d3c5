/** A quantile of the samples, from 0 to 1. */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  if (value === undefined) throw new Error("There are no samples.");
  return value;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

export async function milliseconds(act: () => unknown): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

/** Samples by name, one for each round. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

export function samplesOf(rounds: Rounds, name: string): readonly number[] {
  const samples = rounds.get(name);
  if (samples === undefined) throw new Error(`There are no samples of ${name}.`);
  return samples;
}

/** Merges the rounds of several processes. */
export function joined(parts: readonly (readonly [string, readonly number[]][])[]): Rounds {
  const samples = new Map<string, number[]>();
  for (const [name, more] of parts.flat()) samples.set(name, [...(samples.get(name) ?? []), ...more]);
  return samples;
}

/** Median of the ratios within each round, so that a slow round has no effect. */
export function ratioOf(rounds: Rounds, name: string, against: string): number {
  const others = samplesOf(rounds, against);
  return median(samplesOf(rounds, name).map((sample, round) => sample / (others[round] ?? Number.NaN)));
}

/**
 * Takes every measurement once a round, in an order that varies between rounds: no measurement always follows the same
 * other one, and a machine that slows down affects all of them.
 */
export async function interleave(
  measurements: ReadonlyMap<string, () => number | Promise<number>>,
  rounds: number,
): Promise<Rounds> {
  const samples = new Map([...measurements.keys()].map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, measure] of shuffled([...measurements])) samples.get(name)?.push(await measure());
  }
  return samples;
}

function shuffled<T>(items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, key: Math.random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
