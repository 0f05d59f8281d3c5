/** An operation of one process on the shared value. Each write has a distinct value. */
export interface Operation {
  readonly kind: "write" | "read";
  readonly value: number;
  /** Invocation and response, on one clock. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads of a value whose write had not begun yet, or that was already overwritten when the read began (by a completed
 * write that began after the value's own write completed).
 */
export function wrongReads(history: readonly Operation[]): Operation[] {
  const writes = history.filter(({ kind }) => kind === "write").sort((a, b) => a.end - b.end);
  const writeOf = new Map(writes.map((write) => [write.value, write]));
  /** For each write, the latest start among the writes that ended no later than it. */
  const latest: number[] = [];
  for (const { start } of writes) latest.push(Math.max(start, latest.at(-1) ?? -Infinity));

  return history.filter((read) => {
    if (read.kind === "write") return false;
    const own = writeOf.get(read.value);
    if (own === undefined || own.start > read.end) return true;
    const completed = countBefore(writes, read.start);
    return (latest[completed - 1] ?? -Infinity) > own.end;
  });
}

/** The number of these operations, sorted by end, that ended before `time`. */
function countBefore(sorted: readonly Operation[], time: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.end ?? Infinity) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Zone {
  readonly from: number;
  readonly to: number;
}

/**
 * Whether the history is linearizable as a whole; this also finds two reads that saw two writes in opposite orders.
 * After Gibbons and Korach ("Testing Shared Memories", 1997): with distinct values this holds if and only if the
 * forward zones (the times when a value must have been current) of different values do not overlap, and no backward
 * zone (the times when a value may have been current for an instant) lies within another value's forward zone.
 */
export function isLinearizable(history: readonly Operation[]): boolean {
  if (wrongReads(history).length > 0) return false;
  const must: Zone[] = [];
  const may: Zone[] = [];
  for (const cluster of clusters(history)) {
    const firstEnd = Math.min(...cluster.map(({ end }) => end));
    const lastStart = Math.max(...cluster.map(({ start }) => start));
    if (firstEnd < lastStart) must.push({ from: firstEnd, to: lastStart });
    else may.push({ from: lastStart, to: firstEnd });
  }
  must.sort((a, b) => a.from - b.from);
  for (const [index, zone] of must.entries()) {
    const next = must[index + 1];
    if (next !== undefined && next.from < zone.to) return false;
  }
  return !may.some((zone) => must.some(({ from, to }) => from < zone.from && zone.to < to));
}

/** Groups each value's write with its reads. */
function clusters(history: readonly Operation[]): Operation[][] {
  const byValue = new Map<number, Operation[]>();
  for (const operation of history) {
    const cluster = byValue.get(operation.value);
    if (cluster === undefined) byValue.set(operation.value, [operation]);
    else cluster.push(operation);
  }
  return [...byValue.values()];
}
