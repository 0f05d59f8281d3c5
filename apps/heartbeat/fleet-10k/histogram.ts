/** Cumulative counts by upper bound, as in a Prometheus histogram. */
export type Buckets = ReadonlyMap<number, number>;

/** The buckets of a histogram without labels in a `/metrics` page. */
export function readHistogram(page: string, name: string): Buckets {
  const buckets = new Map<number, number>();
  for (const [, bound = "", count] of page.matchAll(
    new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\S+)$`, "gm"),
  )) {
    buckets.set(bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound), Number(count));
  }
  if (buckets.size === 0) throw new Error(`there is no histogram ${name}`);
  return buckets;
}

/** The value of a counter with one label in a `/metrics` page. */
export function readCounter(page: string, name: string, label: string): number {
  const found = page.match(new RegExp(`^${name}\\{[^}]*="${label}"[^}]*\\} (\\S+)$`, "m"));
  if (found === null) throw new Error(`there is no counter ${name} for ${label}`);
  return Number(found[1]);
}

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
