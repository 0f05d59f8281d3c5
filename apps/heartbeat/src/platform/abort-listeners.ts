interface Waiting {
  readonly listeners: Set<() => void>;
  readonly ring: () => void;
}

/**
 * Listeners for signals that many wait for at once. A signal looks at all of its listeners to add another one, or to take
 * one away; so it gets one of ours, which calls the others.
 */
export class AbortListeners {
  readonly #waiting = new Map<AbortSignal, Waiting>();

  add(signal: AbortSignal, listener: () => void): void {
    const waiting = this.#waiting.get(signal) ?? this.#listenTo(signal);
    waiting.listeners.add(listener);
  }

  remove(signal: AbortSignal, listener: () => void): void {
    const waiting = this.#waiting.get(signal);
    if (waiting === undefined) return;
    waiting.listeners.delete(listener);
    if (waiting.listeners.size > 0) return;
    signal.removeEventListener("abort", waiting.ring);
    this.#waiting.delete(signal);
  }

  #listenTo(signal: AbortSignal): Waiting {
    const listeners = new Set<() => void>();
    const ring = () => {
      for (const listener of [...listeners]) listener();
    };
    const waiting = { listeners, ring };
    signal.addEventListener("abort", ring);
    this.#waiting.set(signal, waiting);
    return waiting;
  }
}
