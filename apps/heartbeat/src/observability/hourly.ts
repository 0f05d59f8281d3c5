const HOUR_MS = 3_600_000;

/** Limits log lines about a lasting problem to one at first and then one per hour, until it is over. */
export class Hourly {
  readonly #monotonic: () => number;
  /** When it was last logged, by its subject and problem. */
  readonly #loggedAt = new Map<string, Map<string, number>>();

  constructor({ monotonic }: { readonly monotonic: () => number }) {
    this.#monotonic = monotonic;
  }

  /** Whether to log it now; if so, it counts as logged. */
  isDue(subject: string, what: string): boolean {
    const now = this.#monotonic();
    const logged = this.#loggedAt.get(subject) ?? new Map<string, number>();
    const last = logged.get(what);
    if (last !== undefined && now - last < HOUR_MS) return false;
    logged.set(what, now);
    this.#loggedAt.set(subject, logged);
    return true;
  }

  /** The problem is over: if it returns, it is logged at once. */
  forget(subject: string): void {
    this.#loggedAt.delete(subject);
  }
}
