/** What is compared: this project, the least that the same job can cost, and other libraries. */
export type Kind = "ours" | "floor" | "peer";

export interface Row {
  readonly name: string;
  readonly kind: Kind;
  /** In the table's unit. A median. */
  readonly value: number;
  /** Against the row that the table compares with, within the same rounds; `null` for what is not compared. */
  readonly ratio: number | null;
  readonly detail?: string;
}

export interface Table {
  readonly id: string;
  readonly title: string;
  /** Of the values: `ns`, `ms`, `heartbeats/s`. */
  readonly unit: string;
  /** What the ratios are against. */
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
  /** What has to be known to read the figures. */
  readonly remarks: readonly string[];
}

/** How much is measured: `short` is for every commit, on a machine that does other things at the same time. */
export interface Effort {
  readonly short: boolean;
}

export interface Results {
  readonly machine: Readonly<Record<string, string>>;
  readonly sections: readonly Section[];
}
