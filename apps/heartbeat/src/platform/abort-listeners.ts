/**
 * Listeners for signals that many wait for at once. A signal looks at all of its listeners to add another one, or to take
 * one away; so it gets one of ours, which stays and calls the others.
 */
export class AbortListeners {
  readonly #bySignal = new WeakMap<AbortSignal, Set<() => void>>();

  add(signal: AbortSignal, listener: () => void): void {
    const listeners = this.#bySignal.get(signal) ?? this.#listenTo(signal);
    listeners.add(listener);
  }

  remove(signal: AbortSignal, listener: () => void): void {
    this.#bySignal.get(signal)?.delete(listener);
  }

  #listenTo(signal: AbortSignal): Set<() => void> {
    const listeners = new Set<() => void>();
    signal.addEventListener("abort", () => {
      for (const listener of [...listeners]) listener();
    });
    this.#bySignal.set(signal, listeners);
    return listeners;
  }
}
