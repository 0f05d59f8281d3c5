import type { FileSystem } from "@x/auth-node";

/** What a file thread's calls end with: the signal of the job at hand. */
export class Cancellation {
  readonly #flag: Int32Array;
  #controller = new AbortController();

  /** @param flag its first number is 1 when the job is to end; other threads write it, also while a call blocks this one */
  constructor(flag: Int32Array) {
    this.#flag = flag;
  }

  /** Begins a job; gives its signal. */
  begin(): AbortSignal {
    this.#controller = new AbortController();
    return this.#controller.signal;
  }

  /** Aborts the job's signal if it is to end. */
  check(): void {
    if (Atomics.load(this.#flag, 0) === 1) this.#controller.abort();
  }

  /** A file system that looks after each of its calls, so that one that was blocked for long is followed by no other. */
  watch(io: FileSystem): FileSystem {
    const methods = Object.entries(io).map(
      ([name, call]: [string, (...args: never[]) => Promise<unknown>]) => {
        const watched = async (...args: never[]) => {
          try {
            return await call(...args);
          } finally {
            this.check();
          }
        };
        return [name, watched];
      },
    );
    // The same names with the same arguments and results.
    return Object.fromEntries(methods) as FileSystem;
  }
}
