import type { Clock } from "../clock.ts";

/** Something with a deadline. The last three fields belong to the list. */
export interface Timed {
  onTimeout(): void;
  endsAt: number;
  earlier: Timed | null;
  later: Timed | null;
}

/**
 * One timer for everything with the same timeout, such as requests: it waits for the oldest. Setting and clearing a
 * timer for each would take longer than the rest of the work for a request.
 */
export class Deadlines {
  readonly #clock: Clock;
  #first: Timed | null = null;
  #last: Timed | null = null;
  /** `null` when no timer is set. A timer stays set even if what it waits for has ended. */
  #cancel: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns how to end a separate timer, for one with less time than those before it; `null`: use `remove` */
  add(timed: Timed, ms: number): (() => void) | null {
    const endsAt = this.#clock.monotonic() + ms;
    const last = this.#last;
    if (last !== null && endsAt < last.endsAt) return this.#clock.after(ms, () => timed.onTimeout());
    timed.endsAt = endsAt;
    timed.earlier = last;
    if (last === null) this.#first = timed;
    else last.later = timed;
    this.#last = timed;
    this.#cancel ??= this.#clock.after(ms, () => this.#ring());
    return null;
  }

  remove(timed: Timed): void {
    const { earlier, later } = timed;
    if (earlier === null && later === null && this.#first !== timed) return;
    if (earlier === null) this.#first = later;
    else earlier.later = later;
    if (later === null) this.#last = earlier;
    else later.earlier = earlier;
    timed.earlier = null;
    timed.later = null;
  }

  /** Does not keep the process alive. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #ring(): void {
    this.#cancel = null;
    const now = this.#clock.monotonic();
    for (let first = this.#first; first !== null && first.endsAt <= now; first = this.#first) {
      this.remove(first);
      first.onTimeout();
    }
    if (this.#first !== null && this.#cancel === null)
      this.#cancel = this.#clock.after(this.#first.endsAt - now, () => this.#ring());
  }
}
