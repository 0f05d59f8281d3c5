import type { Signal } from "@x/auth-core";

/** A disk that takes longer for one operation has failed, as far as the next one is concerned. */
const LIMIT_MS = 5_000;

export interface OperationOptions {
  readonly signal?: Signal | undefined;
  /** What an operation is rejected with that would wait for one that hangs. */
  readonly unanswered: (seconds: number) => Error;
}

interface Waiting {
  begin(): void;
  fail(error: Error): void;
  readonly unanswered: (seconds: number) => Error;
}

/**
 * One operation after the other, in the order of the calls, and never behind one that has been running for longer than
 * five seconds: calls of a file system cannot be cancelled, and each that hangs takes a thread. What hangs stays the
 * only one that does.
 */
export class OperationQueue {
  #runningSince: number | null = null;
  readonly #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  get isIdle(): boolean {
    return this.#runningSince === null && this.#waiting.length === 0;
  }

  /** An abort rejects the caller at once; the operation itself ends at its next step, and the next one waits for that. */
  run<T>(operation: () => Promise<T>, { signal, unanswered }: OperationOptions): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        const at = this.#waiting.indexOf(waiting);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      const settled = () => signal?.removeEventListener("abort", onAbort);
      const waiting: Waiting = {
        unanswered,
        begin: () => {
          this.#runningSince = performance.now();
          const done = () => {
            settled();
            this.#beginNext();
          };
          // Rejecting comes first: whoever was waiting for this one is told before the next one begins.
          operation().then(resolve, reject).then(done);
        },
        fail: (error) => {
          settled();
          reject(error);
        },
      };
      this.#admit(waiting);
    });
  }

  #admit(waiting: Waiting): void {
    if (this.#runningSince === null) {
      waiting.begin();
      return;
    }
    const elapsedMs = performance.now() - this.#runningSince;
    if (elapsedMs >= LIMIT_MS) {
      waiting.fail(waiting.unanswered(Math.floor(elapsedMs / 1_000)));
      return;
    }
    this.#waiting.push(waiting);
    this.#limit(LIMIT_MS - elapsedMs);
  }

  #limit(remainingMs: number): void {
    // The operation that it is about keeps the process alive by itself.
    this.#timer ??= setTimeout(() => this.#giveUp(), remainingMs).unref();
  }

  #giveUp(): void {
    this.#timer = undefined;
    for (const { fail, unanswered } of this.#waiting.splice(0)) fail(unanswered(LIMIT_MS / 1_000));
  }

  #beginNext(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#runningSince = null;
    this.#waiting.shift()?.begin();
    if (this.#waiting.length > 0) this.#limit(LIMIT_MS);
  }
}

/** Of each path that is being written in this process, by whichever storage. */
const byPath = new Map<string, OperationQueue>();

/**
 * Runs what compares a file and then changes it, one at a time for each path in this process, so that of two at once
 * only one finds what it expects. Other processes are not kept out.
 */
export async function runForPath<T>(
  path: string,
  operation: () => Promise<T>,
  options: OperationOptions,
): Promise<T> {
  const queue = byPath.get(path) ?? new OperationQueue();
  byPath.set(path, queue);
  const forget = () => {
    if (queue.isIdle && byPath.get(path) === queue) byPath.delete(path);
  };
  const run = queue.run(async () => {
    try {
      return await operation();
    } finally {
      setImmediate(forget);
    }
  }, options);
  return run;
}
