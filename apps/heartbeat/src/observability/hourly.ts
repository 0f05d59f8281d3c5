const HOUR_MS = 3_600_000;

/** Lets what does not pass by itself be logged once, and again every hour, until it is over. */
export class Hourly {
  readonly #monotonic: () => number;
  /** When it was logged last: by whom it is about, and what it is. */
  readonly #loggedAt = new Map<string, Map<string, number>>();

  constructor({ monotonic }: { readonly monotonic: () => number }) {
    this.#monotonic = monotonic;
  }

  /** Whether it is to be logged now; then it counts as logged. */
  isDue(subject: string, what: string): boolean {
    const now = this.#monotonic();
    const logged = this.#loggedAt.get(subject) ?? new Map<string, number>();
    const last = logged.get(what);
    if (last !== undefined && now - last < HOUR_MS) return false;
    logged.set(what, now);
    this.#loggedAt.set(subject, logged);
    return true;
  }

  /** It is over: if it comes again, that is news. */
  forget(subject: string): void {
    this.#loggedAt.delete(subject);
  }
}
