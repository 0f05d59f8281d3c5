import { setImmediate } from "node:timers";
import type { Signal } from "@x/auth-core";

/** After this time, the next operation no longer waits for the disk. */
const LIMIT_MS = 5_000;

export interface OperationOptions {
  readonly signal?: Signal | undefined;
  /** The rejection of an operation that would wait for one that hangs. */
  readonly unanswered: (seconds: number) => Error;
}

interface Waiting {
  begin(): void;
  fail(error: Error): void;
  readonly unanswered: (seconds: number) => Error;
}

/**
 * Runs operations one at a time, in the order of the calls, but rejects those behind one that has been running for more
 * than five seconds: file system calls cannot be cancelled, and each one that hangs occupies a thread. So at most one
 * operation hangs.
 */
export class OperationQueue {
  #runningSince: number | null = null;
  readonly #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  get isIdle(): boolean {
    return this.#runningSince === null && this.#waiting.length === 0;
  }

  /**
   * An abort rejects immediately; the operation itself ends at its next step, and the next operation waits for that.
   */
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
          // Settle this operation's promise before the next operation begins.
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
    this.#timer ??= setTimeout(() => this.#giveUp(), remainingMs);
    // The operation itself keeps the process alive. Under Jest's jsdom, a timer is a number.
    this.#timer.unref?.();
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

const PATHS = Symbol.for("@x/auth-node/paths");

/** One queue per path being written in this process, shared by all storages and installed copies. */
function queuesByPath(): Map<string, OperationQueue> {
  const shared = globalThis as { [PATHS]?: Map<string, OperationQueue> };
  shared[PATHS] ??= new Map();
  return shared[PATHS];
}

/**
 * Runs a compare-and-change operation, one at a time per path in this process, so that of two concurrent ones only one
 * finds what it expects. Does not exclude other processes.
 */
export async function runForPath<T>(
  path: string,
  operation: () => Promise<T>,
  options: OperationOptions,
): Promise<T> {
  const byPath = queuesByPath();
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
