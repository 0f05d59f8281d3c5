/**
 * One request to stop may arrive as two signals: GNU timeout, npm and some process managers signal the process and its
 * group. A person takes longer.
 */
const REPEATED_MS = 100;

/** Recognizes a signal that only repeats the first of its kind and asks for nothing new. */
export class RepeatedSignals {
  readonly #firstAt = new Map<NodeJS.Signals, number>();

  isRepeated(signal: NodeJS.Signals): boolean {
    const now = performance.now();
    const firstAt = this.#firstAt.get(signal);
    if (firstAt === undefined) this.#firstAt.set(signal, now);
    return firstAt !== undefined && now - firstAt < REPEATED_MS;
  }
}
