import type { ImplementationId } from "../implementations.ts";

/** One cell of the table: what was tried with one implementation, and how often it went wrong. */
export interface Finding {
  /** Which line of the table: what went wrong, if it did. */
  readonly line: string;
  readonly implementation: ImplementationId;
  readonly tried: number;
  readonly bad: number;
  /** In which ways, and how often each. */
  readonly ways: Readonly<Record<string, number>>;
}

/** Counts as an experiment goes on. */
export interface Tally {
  /** @param way what went wrong; `null` when nothing did */
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
