const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** How long the work may take to end. */
const GRACE_MS = 2_000;

/**
 * Does the work. The first SIGTERM or SIGINT, or the terminal going away, aborts it, and ends the process with 1
 * if it does not do so soon. A second signal ends the process at once.
 */
export async function untilSignal(work: (stop: AbortSignal) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const exit = () => process.exit(1);
  const stop = () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    setTimeout(exit, GRACE_MS).unref();
  };
  const onSignal = () => (stopping.signal.aborted ? exit() : stop());
  for (const signal of SIGNALS) process.on(signal, onSignal);
  // SIGHUP may mean to read the files again; that the terminal is gone shows in each attempt to write to it.
  process.stdout.on("error", stop);
  try {
    await work(stopping.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
