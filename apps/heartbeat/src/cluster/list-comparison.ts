import type { ClusterEvent } from "./cluster-events.ts";
import type { Runner } from "./membership.ts";

/** The lists must differ this many times in a row to be reported: runners read a changed list at different times. */
const REPORTED_AFTER = 2;

/** Compares the lists of workspaces of a fleet's runners, by their digests. */
export class ListComparison {
  readonly #emit: (event: ClusterEvent) => void;
  #differing = 0;
  #reported = "";

  constructor(emit: (event: ClusterEvent) => void) {
    this.#emit = emit;
  }

  get isMismatch(): boolean {
    return this.#differing >= REPORTED_AFTER;
  }

  compare(mine: string, runners: readonly Runner[]): void {
    const differing = runners.filter(({ listDigest }) => listDigest !== mine);
    const names = [...new Set(differing.map(({ name }) => name))].sort();
    this.#differing = names.length === 0 ? 0 : this.#differing + 1;
    const report = this.isMismatch ? names.join(", ") : "";
    if (report === this.#reported) return;
    if (report !== "") this.#emit({ type: "list-mismatch", runners: names });
    else if (names.length === 0) this.#emit({ type: "list-match" });
    else return;
    this.#reported = report;
  }
}
