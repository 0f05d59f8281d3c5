interface Listener {
  readonly onAbort: () => void;
  position: number;
}

/**
 * Listeners for signals that many wait for at once. A signal looks at all of its listeners to add another one, or to take
 * one away; so it gets one of ours, which stays and calls the others.
 */
export class AbortListeners {
  // Not a set: with many that come and go, what a set was before it grew holds on to what is in it now, and with it to
  // all that has long ended, until the next full garbage collection.
  readonly #bySignal = new WeakMap<AbortSignal, Listener[]>();

  /** Returns the way to take the listener away again, once. */
  add(signal: AbortSignal, onAbort: () => void): () => void {
    const listeners = this.#bySignal.get(signal) ?? this.#listenTo(signal);
    const listener = { onAbort, position: listeners.length };
    listeners.push(listener);
    return () => {
      const last = listeners.pop();
      if (last === undefined || last === listener) return;
      listeners[listener.position] = last;
      last.position = listener.position;
    };
  }

  #listenTo(signal: AbortSignal): Listener[] {
    const listeners: Listener[] = [];
    signal.addEventListener("abort", () => {
      for (const { onAbort } of [...listeners]) onAbort();
    });
    this.#bySignal.set(signal, listeners);
    return listeners;
  }
}
