import type { FileThread } from "./file-thread.ts";

/** How many threads work at once: a save mostly waits for the disk, and several can wait in parallel. */
const WORKING = 4;
/** How many directories wait for each working thread before another one starts. */
const BACKLOG = 8;
/** How long idle threads are kept: in a burst, starting one for a few jobs again and again takes more than the jobs. */
const IDLE_MS = 5_000;

/** The threads: usually one, and one more for each that a disk blocks, up to a limit. */
export class ThreadSet {
  readonly #max: number;
  readonly #start: () => FileThread;
  readonly #threads = new Set<FileThread>();
  #sparing: NodeJS.Timeout | null = null;

  /** @param start starts a thread */
  constructor(max: number, start: () => FileThread) {
    this.#max = max;
    this.#start = start;
  }

  /** How many have a job that takes long. */
  get heldCount(): number {
    return [...this.#threads].filter(({ state }) => state === "slow" || state === "hung").length;
  }

  /** Whether the maximum number of threads exists, and all of them hang. */
  get allHang(): boolean {
    return this.#threads.size === this.#max && [...this.#threads].every(({ state }) => state === "hung");
  }

  /** Whether a caller waits for one of them. */
  get works(): boolean {
    return [...this.#threads].some(({ job, state }) => job !== null && state !== "hung");
  }

  [Symbol.iterator](): Iterator<FileThread> {
    return this.#threads.values();
  }

  /**
   * Returns an idle thread, started if necessary. `null`: a busy one will be free soon, or the limit is reached.
   *
   * @param backlog how many directories wait for a thread
   * @throws Error when it cannot be started
   */
  free(backlog: number): FileThread | null {
    let working = 0;
    for (const thread of this.#threads) {
      if (thread.job === null) return thread;
      if (thread.state === "starting" || thread.state === "ready") working += 1;
    }
    const isWorthOneMore = working === 0 || (working < WORKING && backlog >= BACKLOG * working);
    if (this.#threads.size >= this.#max || !isWorthOneMore) return null;
    const thread = this.#start();
    this.#threads.add(thread);
    return thread;
  }

  /** Soon ends idle threads if there are several: one is enough. */
  spare(): void {
    if (this.#sparing !== null || this.#idle.length < 2) return;
    this.#sparing = setTimeout(() => {
      this.#sparing = null;
      for (const thread of this.#idle.slice(1)) this.remove(thread);
    }, IDLE_MS).unref();
  }

  get #idle(): FileThread[] {
    return [...this.#threads].filter(({ job }) => job === null);
  }

  remove(thread: FileThread): void {
    this.#threads.delete(thread);
    void thread.end();
  }

  /** Settles once all have exited, which a blocking system call prevents. */
  endAll(): Promise<unknown> {
    const threads = [...this.#threads];
    this.#threads.clear();
    return Promise.all(threads.map((thread) => thread.end()));
  }
}
