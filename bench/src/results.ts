/** The contestants: this project, the minimum cost of the same job, and other libraries. */
export type Kind = "ours" | "floor" | "peer";

export interface Row {
  readonly name: string;
  readonly kind: Kind;
  /** The median, in the table's unit. */
  readonly value: number;
  /** Relative to the table's reference row, within the same rounds; `null` without a comparison. */
  readonly ratio: number | null;
  readonly detail?: string;
}

export interface Table {
  readonly id: string;
  readonly title: string;
  /** Of the values: `ns`, `ms`, `heartbeats/s`. */
  readonly unit: string;
  /** The reference of the ratios. */
  readonly against: string | null;
  readonly rows: readonly Row[];
}

export interface Target {
  readonly what: string;
  readonly measured: number;
  readonly bound: "at most" | "at least";
  readonly limit: number;
  /** `×` for ratios. */
  readonly unit: string;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly tables: readonly Table[];
  readonly targets: readonly Target[];
  /** Notes for reading the figures. */
  readonly remarks: readonly string[];
}

/** What one measurement adds to a section. */
export type Part = Pick<Section, "tables" | "targets">;

/** The size of the run: `short` is for every commit, on a machine with other work. */
export interface Effort {
  readonly short: boolean;
}

export interface Results {
  readonly machine: Readonly<Record<string, string>>;
  readonly sections: readonly Section[];
}
