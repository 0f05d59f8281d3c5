import type { Kind, Row, Table, Target } from "./results.ts";
import { median, type Rounds, ratioOf, samplesOf } from "./stats.ts";

export const atMost = (what: string, measured: number, limit: number, unit = "×"): Target => ({
  what,
  measured,
  bound: "at most",
  limit,
  unit,
});

export const atLeast = (what: string, measured: number, limit: number): Target => ({
  ...atMost(what, measured, limit),
  bound: "at least",
});

/** A figure of this project's. */
export const ours = (name: string, value: number, ratio: number | null = null): Row => ({
  name,
  kind: "ours",
  value,
  ratio,
});

/** The figure that the others of its table are compared with. */
export const floor = (name: string, value: number): Row => ({ name, kind: "floor", value, ratio: 1 });

export const table = (id: string, title: string, unit: string, rows: readonly Row[]): Table => ({
  id,
  title,
  unit,
  against: null,
  rows,
});

/** A row of medians for each name, compared within the rounds with `floor`. */
export const rowsOf = (
  rounds: Rounds,
  floor: string,
  kindOf = (name: string): Kind => (name === floor ? "floor" : "ours"),
): Row[] =>
  [...rounds.keys()].map((name) => ({
    name,
    kind: kindOf(name),
    value: median(samplesOf(rounds, name)),
    ratio: ratioOf(rounds, name, floor),
  }));

export const byValue = (one: Row, other: Row): number => one.value - other.value;
