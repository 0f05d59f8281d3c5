import type { FileSystem } from "@x/auth-node";

/** The signal that ends a file thread's calls: that of the current job. */
export class Cancellation {
  readonly #flag: Int32Array;
  #controller = new AbortController();

  /**
   * @param flag its first number is 1 when the job must end; other threads write it even while a call blocks this one
   */
  constructor(flag: Int32Array) {
    this.#flag = flag;
  }

  /** Begins a job and returns its signal. */
  begin(): AbortSignal {
    this.#controller = new AbortController();
    return this.#controller.signal;
  }

  /** Aborts the job's signal if it must end. */
  check(): void {
    if (Atomics.load(this.#flag, 0) === 1) this.#controller.abort();
  }

  /**
   * A file system that checks for cancellation after each call, so that no further call follows one that was blocked.
   */
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
    // The same names, arguments and results.
    return Object.fromEntries(methods) as FileSystem;
  }
}
