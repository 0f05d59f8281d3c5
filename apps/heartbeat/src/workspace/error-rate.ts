const WINDOW_MS = 60_000;
const SECOND_MS = 1_000;

interface Second {
  readonly at: number;
  all: number;
  failed: number;
  /** Of the last failure. */
  why: string;
}

/** The successes and failures of the last minute, which every heartbeat reports. */
export class ErrorRate {
  readonly #now: () => number;
  /** At most one entry a second, so that their number is bounded, however fast the heartbeats are. */
  #seconds: Second[] = [];

  /** @param now milliseconds on a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  record(ok: boolean, why = ""): void {
    this.#forget();
    const second = this.#currentSecond();
    second.all += 1;
    if (ok) return;
    second.failed += 1;
    second.why = why;
  }

  /** From 0 to 1; 0 when nothing happened. */
  rate(): number {
    this.#forget();
    let all = 0;
    let failures = 0;
    for (const second of this.#seconds) {
      all += second.all;
      failures += second.failed;
    }
    return all === 0 ? 0 : failures / all;
  }

  /** The last failure's reason within the minute; empty when there was none. */
  sampleError(): string {
    this.#forget();
    return this.#seconds.filter(({ failed }) => failed > 0).at(-1)?.why ?? "";
  }

  #currentSecond(): Second {
    const at = this.#now();
    const last = this.#seconds.at(-1);
    if (last !== undefined && at - last.at < SECOND_MS) return last;
    const second = { at, all: 0, failed: 0, why: "" };
    this.#seconds.push(second);
    return second;
  }

  /** Drops what is older than the window. */
  #forget(): void {
    const since = this.#now() - WINDOW_MS;
    const [oldest] = this.#seconds;
    if (oldest === undefined || oldest.at > since) return;
    this.#seconds = this.#seconds.filter(({ at }) => at > since);
  }
}
