import type { Abilities, Ability } from "./fixtures/abilities.ts";
import type { Fixtures } from "./fixtures/fixtures.ts";
import type { Implementation, ImplementationId } from "./implementations.ts";
import type { Document } from "./report/documents.ts";
import type { Finding } from "./report/finding.ts";
import type { Scale } from "./scale.ts";

/** The context of an experiment. */
export interface ExperimentContext {
  readonly fixtures: Fixtures;
  readonly scale: Scale;
  /** The seed of random inputs. */
  readonly seed: number;
  /** The implementations to test; @x/auth-node is always the first. */
  readonly implementations: readonly Implementation[];
  readonly abilities: Abilities;
  /**
   * Runs a part of the experiment for each implementation, or only for some, one after another, each with fixtures of
   * its own.
   */
  each(part: Part, ids?: readonly ImplementationId[]): Promise<Finding[]>;
  /** Reports progress. */
  progress(done: number, of: number): void;
  /** Records what an experiment skipped on this machine, and why; listed below the table. */
  leaveOut(what: string): void;
}

/** An implementation under test, with fixtures of its own. */
export interface Candidate {
  readonly implementation: Implementation;
  readonly fixtures: Fixtures;
}

type Part = (candidate: Candidate) => Promise<Finding | readonly Finding[]>;

/** One experiment, with one or more rows of the table. */
export interface Experiment {
  /** Short, for `--experiment`. */
  readonly id: string;
  /** The guarantee under test. */
  readonly title: string;
  /** The document with its figures. */
  readonly document: Document;
  readonly needs: readonly Ability[];
  run(context: ExperimentContext): Promise<Finding[]>;
}
