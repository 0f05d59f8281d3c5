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
 * What has ended must be let go at once, not at the next full garbage collection. V8 grows a `Set` into a new table to
 * which the old one points: once one of them is in the old generation, all that came later stays. And a literal for each
 * listener may be placed there from the start. So a listener is its owner, in an array.
 */
export class AbortListeners {
  readonly #bySignal = new WeakMap<AbortSignal, AbortListener[]>();

  add(signal: AbortSignal, listener: AbortListener): void {
    const listeners = this.#bySignal.get(signal) ?? this.#listenTo(signal);
    listener.position = listeners.length;
    listeners.push(listener);
  }

  remove(signal: AbortSignal, listener: AbortListener): void {
    const listeners = this.#bySignal.get(signal);
    if (listeners?.[listener.position] !== listener) return;
    const last = listeners.pop();
    if (last === undefined || last === listener) return;
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
