import type { Clock } from "../clock.ts";

/** Notices that come together are answered by one round, so many milliseconds later. */
const NOTICE_MS = 25;

/** Waits from one round to the next; a notification cuts the wait short. */
export class Rounds {
  readonly #clock: Clock;
  #isDue = false;
  #wake = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The next round begins soon, also when one is in progress. */
  wake(): void {
    this.#isDue = true;
    this.#wake();
  }

  /** Settles after `ms`, soon after a notification, or when the signal aborts. */
  async pause(ms: number, stop: AbortSignal): Promise<void> {
    if (!this.#isDue) await this.#sleep(ms, stop, () => this.#isDue);
    if (this.#isDue) await this.#sleep(NOTICE_MS, stop, () => false);
    this.#isDue = false;
  }

  #sleep(ms: number, stop: AbortSignal, isOver: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      if (stop.aborted) return resolve();
      const end = () => {
        cancel();
        stop.removeEventListener("abort", end);
        this.#wake = () => {};
        resolve();
      };
      const cancel = this.#clock.after(ms, end);
      stop.addEventListener("abort", end);
      this.#wake = () => {
        if (isOver()) end();
      };
    });
  }
}
