import closeWithGrace from "close-with-grace";

/**
 * Aborts on the first SIGTERM or SIGINT; waits for `work` to end, at most 2 s, and exits 0. A second signal exits at
 * once.
 */
export async function untilSignal(work: (stop: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const done = work(stop.signal);
  const grace = closeWithGrace({ delay: 2_000, logger: false }, async ({ err }) => {
    if (err) {
      console.error(err);
      return;
    }
    stop.abort();
    await done;
  });
  try {
    await done;
  } finally {
    grace.uninstall();
  }
}
