import type { FileThread } from "./file-thread.ts";

/** How many threads work at once: a save mostly waits for the disk, and several can wait in parallel. */
const WORKING = 4;
/** How many directories wait for each working thread before another one starts. */
const BACKLOG = 8;

/** The threads: usually one, and one more for each that a disk blocks, up to a limit. */
export class ThreadSet {
  readonly #max: number;
  readonly #start: () => FileThread;
  readonly #threads = new Set<FileThread>();

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

  /** Ends an idle thread if there is another one: one idle thread is enough. */
  spare(thread: FileThread): void {
    const free = [...this.#threads].filter(({ job }) => job === null);
    if (free.length > 1 && thread.job === null) this.remove(thread);
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
