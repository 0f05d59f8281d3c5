import type { Contestant } from "./contestants.ts";
import type { Abilities, Ability } from "./lab/abilities.ts";
import type { Lab } from "./lab/lab.ts";
import type { Document } from "./report/documents.ts";
import type { Finding } from "./report/finding.ts";
import type { Scale } from "./scale.ts";

/** What an experiment is given. */
export interface Bench {
  readonly lab: Lab;
  readonly scale: Scale;
  /** What random inputs begin with: the same seed makes the same ones. */
  readonly seed: number;
  /** Whom to put to it; ours is always the first. */
  readonly contestants: readonly Contestant[];
  readonly abilities: Abilities;
  /** Says how far it is. */
  progress(done: number, of: number): void;
  /** Says what an experiment did not do here, and why; it stands below the table. */
  leaveOut(what: string): void;
}

/** One experiment, with one or more lines of the table. */
export interface Trial {
  /** Short, for `--trial`. */
  readonly id: string;
  /** The promise that it puts to the test. */
  readonly title: string;
  /** Where its figures stand. */
  readonly document: Document;
  readonly needs: readonly Ability[];
  run(bench: Bench): Promise<Finding[]>;
}
