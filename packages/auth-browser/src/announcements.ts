/**
 * Notifies all other tabs, workers and objects that something changed, but not what. Does nothing if the runtime
 * cannot: the change itself has been made.
 */
export function announce(channel: string): void {
  try {
    const sender = new BroadcastChannel(channel);
    sender.postMessage("changed");
    sender.close();
  } catch {
    // No channels, or a polyfill whose storage is full.
  }
}

/**
 * Calls `changed` for each announcement, and when the page returns from a state in which it could not receive any.
 *
 * @param stored called with each `storage` event
 * @returns unsubscribe; aborting the signal does the same
 */
export function listen(
  channel: string,
  changed: () => void,
  signal?: AbortSignal,
  stored?: (event: StorageEvent) => void,
): () => void {
  if (signal?.aborted) return () => {};
  const receiver = open(channel);
  if (receiver !== null) receiver.onmessage = () => changed();
  // A page restored by the back button was suspended in the back/forward cache.
  const shown = (event: PageTransitionEvent) => {
    if (event.persisted) changed();
  };
  globalThis.addEventListener?.("pageshow", shown);
  if (stored) globalThis.addEventListener?.("storage", stored);
  const stop = () => {
    receiver?.close();
    globalThis.removeEventListener?.("pageshow", shown);
    if (stored) globalThis.removeEventListener?.("storage", stored);
    signal?.removeEventListener("abort", stop);
  };
  signal?.addEventListener("abort", stop);
  return stop;
}

function open(channel: string): BroadcastChannel | null {
  try {
    return new BroadcastChannel(channel);
  } catch {
    return null;
  }
}
