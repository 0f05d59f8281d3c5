/** How many bytes of waiting messages a runner keeps before it stops fetching. */
const MAX_WAITING_BYTES = 64 * 1_024 * 1_024;

/** What must end when the runner stops. */
interface Stoppable {
  stop(): Promise<void>;
}

/** Workspaces take turns at handling messages: first come, first served, one message per turn. */
export class MessageTurns {
  readonly #concurrency: number;
  #running = 0;
  /** Called with whether the turn may be taken. */
  readonly #waiting = new Set<(granted: boolean) => void>();
  readonly #active = new Set<Stoppable>();
  /** Bytes of all fetched messages that wait. */
  waitingBytes = 0;
  isStopping = false;
  #stopped: Promise<unknown> | null = null;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  get isFull(): boolean {
    return this.waitingBytes >= MAX_WAITING_BYTES;
  }

  /** Resolves when its turn comes, which it must `release`; with false when the signal aborts first. */
  take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || this.isStopping) return Promise.resolve(false);
    if (this.#running < this.#concurrency) {
      this.#running += 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const settle = (granted: boolean) => {
        this.#waiting.delete(settle);
        signal.removeEventListener("abort", withdraw);
        resolve(granted);
      };
      const withdraw = () => settle(false);
      signal.addEventListener("abort", withdraw);
      this.#waiting.add(settle);
    });
  }

  release(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#running -= 1;
    else next(true);
  }

  begin(work: Stoppable): void {
    this.#active.add(work);
  }

  end(work: Stoppable): void {
    this.#active.delete(work);
  }

  /** Starts nothing new; settles when everything has ended. */
  stop(): Promise<unknown> {
    this.isStopping = true;
    this.#stopped ??= Promise.all([...this.#active].map((work) => work.stop()));
    return this.#stopped;
  }
}
