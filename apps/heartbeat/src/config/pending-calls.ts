/** From then on a disk counts as hanging. */
const HANGS_AFTER_MS = 3_000;

/** Calls to files that have not ended. One that a disk never answers prevents the process from exiting. */
export class PendingCalls {
  readonly #begun = new Map<Promise<unknown>, number>();

  /** Returns the call itself. */
  add<T>(call: Promise<T>): Promise<T> {
    this.#begun.set(call, performance.now());
    const ended = () => this.#begun.delete(call);
    call.then(ended, ended);
    return call;
  }

  /** True while a disk does not answer. */
  get isStuck(): boolean {
    const since = performance.now() - HANGS_AFTER_MS;
    return [...this.#begun.values()].some((begunAt) => begunAt < since);
  }
}
