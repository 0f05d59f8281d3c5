import { type Clock, systemClock } from "../clock.ts";
import { AbortListeners } from "../transport/abort-listeners.ts";
import { FileThread } from "./file-thread.ts";
import { type Job, JobQueue, type PendingJob } from "./job.ts";
import { ownProperties } from "./own.ts";
import type { Message } from "./protocol.ts";
import { ThreadSet } from "./thread-set.ts";

/** When a disk counts as hanging, and the resources it may tie up. */
export interface FileThreadsLimits {
  /** How long a job may take before it fails because the disk does not answer. @default 3000 */
  readonly answerMs?: number;
  /**
   * After this time other directories stop waiting for a job, and another thread takes over theirs. The more jobs take
   * long, the sooner.
   *
   * @default 200
   */
  readonly slowMs?: number;
  /** How many threads may wait for hanging disks. One more keeps working. @default 8 */
  readonly hungThreads?: number;
}

export interface FileThreadsOptions {
  readonly limits?: FileThreadsLimits;
  /** @default the machine's */
  readonly clock?: Pick<Clock, "after">;
  /** An alternative entry of the threads, for tests. */
  readonly entry?: URL | string;
  readonly onEvent?: (message: Message & { type: "event" }) => void;
}

/** `close` gives jobs this long, and then the threads the rest of two seconds. */
const CLOSE_JOBS_MS = 1_500;
const CLOSE_THREADS_MS = 400;

const CLOSED = "the store is closed.";

/**
 * Does file work on dedicated threads, one job at a time on each: a thread blocked by a disk delays no other job, and
 * does nothing outdated when the disk answers.
 *
 * Usually there is one thread; it starts with the first job and does not keep the process alive while idle. Another one
 * starts when a job takes long or many wait, and exits after some seconds in which two are idle.
 */
export class FileThreads {
  readonly #answerMs: number;
  readonly #maxThreads: number;
  readonly #after: Clock["after"];
  readonly #queue = new JobQueue();
  readonly #aborts = new AbortListeners();
  readonly #threads: ThreadSet;
  #lastId = 0;
  #closed: Promise<{ hung: boolean }> | null = null;
  #onIdle = () => {};
  /** A thread did not exit with the rest. */
  #isStuck = false;

  constructor({ limits = {}, clock = systemClock(), entry, onEvent = () => {} }: FileThreadsOptions = {}) {
    const { answerMs = 3_000, slowMs = 200, hungThreads = 8 } = ownProperties(limits);
    this.#answerMs = answerMs;
    this.#maxThreads = hungThreads + 1;
    this.#after = clock.after;
    // The more threads are already blocked, the less reason to wait for another one.
    const slowNow = () => Math.min(slowMs, answerMs) / (1 + this.#threads.heldCount);
    const options = { entry, answerMs, slowMs: slowNow, after: clock.after };
    this.#threads = new ThreadSet(this.#maxThreads, () => {
      const thread: FileThread = new FileThread(options, {
        onEvent,
        onSlow: () => this.#dispatch(),
        onHang: (job) => this.#giveUp(job),
        onAnswer: (job) => this.#answered(thread, job),
        onCrash: (job) => this.#ended(thread, job),
      });
      return thread;
    });
  }

  /**
   * Runs a job after earlier jobs of its directory. A job whose signal aborts while it waits is dropped; a running one
   * ends at its next step, and the call settles then.
   *
   * @throws the error of the job; the signal's reason; the job's `failure` when the disk does not answer, has not yet
   * answered an earlier job of that directory, or when too many others hang
   */
  run(job: Job, signal?: AbortSignal): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const why = this.#whyNot(job);
    if (why !== null) return Promise.reject(job.failure(why));
    return new Promise((resolve, reject) => {
      const settled = () => signal && this.#aborts.remove(signal, pending);
      const pending: PendingJob = {
        ...job,
        id: ++this.#lastId,
        signal,
        position: 0,
        onAbort: () => this.#abort(pending),
        resolve(value) {
          settled();
          resolve(value);
        },
        reject(error) {
          settled();
          reject(error);
        },
      };
      if (signal) this.#aborts.add(signal, pending);
      this.#queue.push(pending);
      this.#dispatch();
    });
  }

  /** True while a hanging disk blocks a thread. */
  isStuck(): boolean {
    return this.#isStuck || [...this.#threads].some(({ state }) => state === "hung");
  }

  /** Lets pending jobs finish, then ends the threads; takes two seconds at most. */
  close(): Promise<{ hung: boolean }> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<{ hung: boolean }> {
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    this.#dispatch();
    await this.#within(CLOSE_JOBS_MS, idle);
    for (const job of this.#queue.removeAll()) job.reject(job.failure(CLOSED));
    for (const thread of this.#threads) {
      thread.cancel();
      thread.job?.reject(thread.job.failure(CLOSED));
    }
    this.#isStuck = !(await this.#within(CLOSE_THREADS_MS, this.#threads.endAll()));
    return { hung: this.#isStuck };
  }

  #whyNot({ key, directory }: Job): string | null {
    if (this.#closed !== null) return CLOSED;
    if (this.#queue.isHung(key)) return this.#noAnswer(directory);
    return this.#threads.allHang ? this.#tooManyHang() : null;
  }

  #noAnswer(directory: string): string {
    return `the disk under ${directory} has not answered for ${this.#answerMs / 1_000} s.`;
  }

  #tooManyHang(): string {
    return `${this.#maxThreads} other directories are already waiting for disks that do not respond, the most allowed.`;
  }

  #dispatch(): void {
    while (!this.#queue.isEmpty && this.#beginNext());
    if (this.#threads.allHang) {
      for (const job of this.#queue.removeAll()) job.reject(job.failure(this.#tooManyHang()));
    }
    if (this.#queue.isEmpty && !this.#threads.works) this.#onIdle();
  }

  /** @returns false when the next job must wait */
  #beginNext(): boolean {
    try {
      const thread = this.#threads.free(this.#queue.backlog);
      const job = thread && this.#queue.take();
      if (job) thread.begin(job);
      return Boolean(job);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const job = this.#queue.take();
      job?.reject(job.failure(`the thread for it cannot be started (${why}).`));
      if (job) this.#queue.release(job.key);
      return true;
    }
  }

  #giveUp(job: PendingJob): void {
    const why = this.#noAnswer(job.directory);
    job.reject(job.failure(why));
    for (const waiting of this.#queue.hang(job.key)) waiting.reject(waiting.failure(why));
    this.#dispatch();
  }

  #abort(job: PendingJob): void {
    if (this.#queue.remove(job)) job.reject(job.signal?.reason);
    for (const thread of this.#threads) if (thread.job === job) thread.cancel();
  }

  #answered(thread: FileThread, job: PendingJob): void {
    if (thread.state === "hung") {
      this.#ended(thread, job);
      return;
    }
    this.#queue.release(job.key);
    this.#dispatch();
    this.#threads.spare();
  }

  #ended(thread: FileThread, job: PendingJob | null): void {
    this.#threads.remove(thread);
    if (job !== null) this.#queue.release(job.key);
    this.#dispatch();
  }

  /** Whether the work settled in time. */
  async #within(ms: number, work: Promise<unknown>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#after(ms, () => resolve(false));
      void work.then(() => {
        cancel();
        resolve(true);
      });
    });
  }
}
