import type { Abilities, Ability } from "./fixtures/abilities.ts";
import type { Fixtures } from "./fixtures/fixtures.ts";
import type { Implementation } from "./implementations.ts";
import type { Document } from "./report/documents.ts";
import type { Finding } from "./report/finding.ts";
import type { Scale } from "./scale.ts";

/** What an experiment is given. */
export interface ExperimentContext {
  readonly fixtures: Fixtures;
  readonly scale: Scale;
  /** What random inputs begin with: the same seed makes the same ones. */
  readonly seed: number;
  /** What is tried; ours is always the first. */
  readonly implementations: readonly Implementation[];
  readonly abilities: Abilities;
  /** Says how far it is. */
  progress(done: number, of: number): void;
  /** Says what an experiment did not do here, and why; it stands below the table. */
  leaveOut(what: string): void;
}

/** One experiment, with one or more lines of the table. */
export interface Experiment {
  /** Short, for `--experiment`. */
  readonly id: string;
  /** The promise that it puts to the test. */
  readonly title: string;
  /** Where its figures stand. */
  readonly document: Document;
  readonly needs: readonly Ability[];
  run(context: ExperimentContext): Promise<Finding[]>;
}
