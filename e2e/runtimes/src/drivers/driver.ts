import type { Outcomes } from "../suites.ts";
import type { Setting, Traits } from "../traits.ts";

/** A runtime, and how to run the suites in it. */
export interface Runtime {
  /** Its name in the table. */
  readonly name: string;
  readonly traits: Traits;
  start(where: Omit<Setting, "traits">): Promise<Run>;
}

export interface Run {
  readonly version: string;
  readonly outcomes: Outcomes;
}

/** The traits of a runtime without browser APIs; each driver adds its own. */
export const server: Traits = { origin: "ours", redirects: "shown", storages: [], turns: false };
