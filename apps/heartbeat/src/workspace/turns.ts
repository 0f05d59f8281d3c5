/** Runs one piece of work at a time. */
export class Turns {
  #current: Promise<unknown> | null = null;

  /** Runs the work at once if nothing else runs, else after that. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#current === null ? this.#begin(work()) : this.#wait(work);
  }

  async #wait<T>(work: () => Promise<T>): Promise<T> {
    while (this.#current !== null) await this.#current.catch(() => {});
    return this.#begin(work());
  }

  #begin<T>(turn: Promise<T>): Promise<T> {
    this.#current = turn;
    const end = () => {
      this.#current = null;
    };
    turn.then(end, end);
    return turn;
  }
}
