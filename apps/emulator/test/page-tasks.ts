import type { Page } from "playwright-core";

/**
 * Records the tasks of a page's main thread. Their CPU time counts, not how long they took: a busy machine may give the
 * browser nothing for a while.
 *
 * @returns ends the recording, and gives the CPU time of the longest task in milliseconds
 */
export async function recordTasks(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  /** Microseconds, by process and thread. */
  const longest = new Map<string, number>();
  let mainThread: string | undefined;
  session.on("Tracing.dataCollected", ({ value }) => {
    // Of the protocol's events, whose types say that all values are text.
    for (const { name = "", pid, tid, tdur } of value) {
      const thread = `${pid}:${tid}`;
      // Script runs on the page's main thread only.
      if (name === "EvaluateScript" || name === "v8.evaluateModule") mainThread = thread;
      if (name.endsWith("RunTask"))
        longest.set(thread, Math.max(longest.get(thread) ?? 0, Number(tdur ?? 0)));
    }
  });
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["toplevel", "devtools.timeline"] },
  });
  return async () => {
    const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
    await session.send("Tracing.end");
    await complete;
    const microseconds = longest.get(mainThread ?? "") ?? 0;
    if (microseconds === 0) throw new Error("The trace has no tasks of the page's main thread.");
    return microseconds / 1_000;
  };
}
