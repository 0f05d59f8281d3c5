import type { IAsyncProperty } from "fast-check";
import { filesProperty } from "./files.property.ts";
import { livePlatformProperty } from "./live-platform.property.ts";
import type { Product } from "./load-product.ts";
import type { Mutant } from "./mutants.ts";
import { runnerProperty } from "./runner.property.ts";

interface Property {
  readonly of: (product: Product) => IAsyncProperty<unknown>;
  /** Number of runs; `FC_FACTOR` multiplies it. */
  readonly runs: number;
}

export const PROPERTIES: Readonly<Record<Mutant["property"], Property>> = {
  runner: { of: runnerProperty, runs: 300 },
  "list on files": { of: (product) => filesProperty(product, "list"), runs: 30 },
  "single on files": { of: (product) => filesProperty(product, "single"), runs: 30 },
  "live platform": { of: livePlatformProperty, runs: 600 },
};
