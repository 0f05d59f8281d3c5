import { type Clock, elapsedMs, type Moment, momentOf } from "../clock.ts";
import type { ClusterEvent } from "./cluster-events.ts";

/** Tracks whether the store answers, and reports each change. */
export class StoreReachability {
  readonly #clock: Clock;
  readonly #emit: (event: ClusterEvent) => void;
  #failingSince: Moment | null = null;

  constructor(clock: Clock, emit: (event: ClusterEvent) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  get isUp(): boolean {
    return this.#failingSince === null;
  }

  failed(error: unknown): void {
    if (this.#failingSince !== null) return;
    this.#failingSince = momentOf(this.#clock);
    const message = error instanceof Error ? error.message : String(error);
    this.#emit({ type: "store-unreachable", message });
  }

  reached(): void {
    if (this.#failingSince === null) return;
    const afterMs = elapsedMs(this.#failingSince, momentOf(this.#clock));
    this.#failingSince = null;
    this.#emit({ type: "store-reachable", afterMs });
  }
}
