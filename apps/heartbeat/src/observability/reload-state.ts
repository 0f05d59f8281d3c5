import type { Clock } from "../clock.ts";

/** Whether the configuration that is in effect is the one in the files. */
export class ReloadState {
  readonly #clock: Pick<Clock, "wall">;
  #isLastApplied = true;
  #appliedAt: number;

  constructor(clock: Pick<Clock, "wall">) {
    this.#clock = clock;
    // What it started with.
    this.#appliedAt = clock.wall();
  }

  /** @param isApplied false: the previous configuration stays in effect */
  observe(isApplied: boolean): void {
    this.#isLastApplied = isApplied;
    if (isApplied) this.#appliedAt = this.#clock.wall();
  }

  get isLastApplied(): boolean {
    return this.#isLastApplied;
  }

  /** Wall-clock time of the last one that was applied, in milliseconds since 1970. */
  get appliedAt(): number {
    return this.#appliedAt;
  }
}
