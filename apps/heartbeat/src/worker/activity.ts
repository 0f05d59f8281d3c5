const WINDOW_MS = 60_000;

interface Entry {
  readonly at: number;
  readonly ok: boolean;
  readonly why: string;
}

/** What went well and what did not over the last minute, as the platform asks for it with every beat. */
export class Activity {
  readonly #now: () => number;
  #entries: readonly Entry[] = [];

  /** @param now milliseconds on a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  record(ok: boolean, why = ""): void {
    this.#entries = [...this.#recent(), { at: this.#now(), ok, why }];
  }

  /** From 0 to 1; 0 when nothing happened. */
  errorRate(): number {
    const all = this.#recent();
    return all.length === 0 ? 0 : all.filter(({ ok }) => !ok).length / all.length;
  }

  /** The last failure's reason within the minute; empty when there was none. */
  sampleError(): string {
    return (
      this.#recent()
        .filter(({ ok }) => !ok)
        .at(-1)?.why ?? ""
    );
  }

  #recent(): readonly Entry[] {
    const since = this.#now() - WINDOW_MS;
    const [oldest] = this.#entries;
    return oldest === undefined || oldest.at > since
      ? this.#entries
      : this.#entries.filter(({ at }) => at > since);
  }
}
