import type { Outcomes } from "../suites.ts";
import type { Setting, Traits } from "../traits.ts";

/** One runtime, and the way to run the suites in it. */
export interface Runtime {
  /** As the table names it. */
  readonly name: string;
  readonly traits: Traits;
  start(where: Omit<Setting, "traits">): Promise<Run>;
}

export interface Run {
  readonly version: string;
  readonly outcomes: Outcomes;
}

/** What a runtime without any browser in it can do; each adds its own. */
export const server: Traits = { origin: "ours", redirects: "shown", storages: [], turns: false };
