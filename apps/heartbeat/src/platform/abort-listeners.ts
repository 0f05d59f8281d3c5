/** Who waits for a signal. */
export interface AbortListener {
  onAbort(): void;
  /** The list's own. */
  position: number;
}

/**
 * Listeners for signals that many wait for at once. A signal looks at all of its listeners to add another one, or to take
 * one away; so it gets one of ours, which stays and calls the others.
 *
 * What has ended must be let go at once: else it is taken for long-lived, with all that it holds, until the next full
 * garbage collection. So they are neither in a set, of which each larger one is held by the one before, nor each in a
 * literal of its own, which the compiler may place among what lives long from the start.
 */
export class AbortListeners {
  readonly #bySignal = new WeakMap<AbortSignal, AbortListener[]>();

  add(signal: AbortSignal, listener: AbortListener): void {
    const listeners = this.#bySignal.get(signal) ?? this.#listenTo(signal);
    listener.position = listeners.length;
    listeners.push(listener);
  }

  /** Takes away one that was added, and not taken away before. */
  remove(signal: AbortSignal, listener: AbortListener): void {
    const listeners = this.#bySignal.get(signal);
    const last = listeners?.pop();
    if (listeners === undefined || last === undefined || last === listener) return;
    listeners[listener.position] = last;
    last.position = listener.position;
  }

  #listenTo(signal: AbortSignal): AbortListener[] {
    const listeners: AbortListener[] = [];
    signal.addEventListener("abort", () => {
      for (const listener of [...listeners]) listener.onAbort();
    });
    this.#bySignal.set(signal, listeners);
    return listeners;
  }
}
