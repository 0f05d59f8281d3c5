import type { Clock } from "../clock.ts";

/** Notifications that arrive within this many milliseconds share one round. */
const NOTICE_MS = 25;

/** Waits between rounds; a notification cuts the wait short. */
export class Rounds {
  readonly #clock: Clock;
  #isDue = false;
  #wake = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts the next round soon, even if one is running. */
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
