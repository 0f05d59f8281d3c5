/** A listener that waits for a signal. */
export interface AbortListener {
  onAbort(): void;
  /** Used by the list itself. */
  position: number;
}

/**
 * Listeners for signals that many wait for at once. A signal scans all of its listeners to add or remove one, so it
 * gets a single listener of ours, which stays and calls the others.
 *
 * Memory must be released when a wait ends, not at the next full garbage collection. V8 grows a `Set` into a new table
 * that the old one points to: once one of them is in the old generation, all later ones stay. And V8 may allocate a
 * literal for each listener there from the start. So a listener is its owner, in an array.
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
