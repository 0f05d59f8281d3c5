import { readMetrics } from "../test/support/metrics.ts";

/** Cumulative counts by upper bound, as in a Prometheus histogram. */
export type Buckets = ReadonlyMap<number, number>;

/** The series of a metric in a `/metrics` page. */
export function seriesOf(page: string, name: string) {
  const series = readMetrics(page).samples.filter((sample) => sample.name === name);
  if (series.length === 0) throw new Error(`there is no metric ${name}`);
  return series;
}

/** The buckets of a histogram without labels in a `/metrics` page. */
export const readHistogram = (page: string, name: string): Buckets =>
  new Map(
    seriesOf(page, `${name}_bucket`).map(({ labels, value }) => [
      labels.le === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels.le),
      value,
    ]),
  );

/** The counts between two readings. */
export function since(before: Buckets, after: Buckets): Buckets {
  return new Map([...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]));
}

export const total = (buckets: Buckets): number => buckets.get(Number.POSITIVE_INFINITY) ?? 0;

/** The bound that this fraction of the values, from 0 to 1, does not exceed; 0 when there are none. */
export function boundOf(buckets: Buckets, part: number): number {
  const wanted = total(buckets) * part;
  if (total(buckets) === 0) return 0;
  const bounds = [...buckets.keys()].sort((a, b) => a - b);
  return bounds.find((bound) => (buckets.get(bound) ?? 0) >= wanted) ?? Number.POSITIVE_INFINITY;
}
