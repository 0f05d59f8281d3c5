const WINDOW_MS = 60_000;

interface Entry {
  readonly at: number;
  readonly ok: boolean;
  readonly why: string;
}

/** What went well and what did not over the last minute, as the platform asks for it with every beat. */
export class Activity {
  readonly #now: () => number;
  #entries: Entry[] = [];

  /** @param now milliseconds on a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  record(ok: boolean, why = ""): void {
    this.#forget();
    this.#entries.push({ at: this.#now(), ok, why });
  }

  /** From 0 to 1; 0 when nothing happened. */
  errorRate(): number {
    this.#forget();
    const { length } = this.#entries;
    return length === 0 ? 0 : this.#failures().length / length;
  }

  /** The last failure's reason within the minute; empty when there was none. */
  sampleError(): string {
    this.#forget();
    return this.#failures().at(-1)?.why ?? "";
  }

  #failures(): readonly Entry[] {
    return this.#entries.filter(({ ok }) => !ok);
  }

  /** What is older than the window. */
  #forget(): void {
    const since = this.#now() - WINDOW_MS;
    const [oldest] = this.#entries;
    if (oldest === undefined || oldest.at > since) return;
    this.#entries = this.#entries.filter(({ at }) => at > since);
  }
}
