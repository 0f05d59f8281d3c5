import type { Clock } from "../clock.ts";

/** Whether the files' configuration is in effect. */
export class ReloadState {
  readonly #clock: Pick<Clock, "wall">;
  #isLastApplied = true;
  #appliedAt: number;

  constructor(clock: Pick<Clock, "wall">) {
    this.#clock = clock;
    // The configuration at startup.
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

  /** Wall-clock time of the last applied configuration, in milliseconds since 1970. */
  get appliedAt(): number {
    return this.#appliedAt;
  }
}
