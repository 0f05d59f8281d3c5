import type { ImplementationId } from "../implementations.ts";

/** One cell of the table: the number of attempts with one implementation, and of failures. */
export interface Finding {
  /** The row of the table: what went wrong, if anything did. */
  readonly line: string;
  readonly implementation: ImplementationId;
  readonly tried: number;
  readonly bad: number;
  /** The kinds of failures, with counts. */
  readonly ways: Readonly<Record<string, number>>;
}

/** Counts during an experiment. */
export interface Tally {
  /** @param way what went wrong; `null` for a success */
  add(way: string | null, times?: number): void;
  finding(line: string, implementation: ImplementationId): Finding;
}

export function createTally(): Tally {
  const ways: Record<string, number> = {};
  let tried = 0;
  let bad = 0;
  return {
    add(way, times = 1) {
      tried += times;
      if (way === null || times === 0) return;
      bad += times;
      ways[way] = (ways[way] ?? 0) + times;
    },
    finding: (line, implementation) => ({ line, implementation, tried, bad, ways: { ...ways } }),
  };
}
