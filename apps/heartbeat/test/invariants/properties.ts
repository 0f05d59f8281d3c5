import type { IAsyncProperty } from "fast-check";
import { filesProperty } from "./files.property.ts";
import { livePlatformProperty } from "./live-platform.property.ts";
import type { Product } from "./load-product.ts";
import type { MUTANTS } from "./mutants.ts";
import { RUNNER_EXAMPLES, runnerProperty } from "./runner.property.ts";

interface Property {
  readonly name: keyof typeof MUTANTS;
  readonly of: (product: Product) => IAsyncProperty<unknown>;
  /** Number of runs; `FC_FACTOR` multiplies it. */
  readonly runs: number;
  /** Cases that are rare among random ones. */
  readonly examples?: unknown[];
}

export const PROPERTIES: readonly Property[] = [
  { name: "runner", of: runnerProperty, runs: 300, examples: RUNNER_EXAMPLES },
  { name: "list on files", of: (product) => filesProperty(product, "list"), runs: 30 },
  { name: "single on files", of: (product) => filesProperty(product, "single"), runs: 30 },
  { name: "live platform", of: livePlatformProperty, runs: 600 },
];
