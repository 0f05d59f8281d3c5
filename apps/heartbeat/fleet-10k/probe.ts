import { monitorEventLoopDelay } from "node:perf_hooks";

/** Loaded into a measured process before its own code (`--import`): tells the parent what it uses, whenever asked. */
export interface Usage {
  /** Since the start of the process, in milliseconds. */
  readonly cpuUserMs: number;
  readonly cpuSystemMs: number;
  readonly rssBytes: number;
  readonly maxRssBytes: number;
  /** After a garbage collection when one was asked for. */
  readonly heapBytes: number;
  /** Longest that the event loop was held up since the last question, in milliseconds. */
  readonly longestStallMs: number;
}

export type Question = "usage" | "usage-after-gc";

const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();

process.on("message", (question: Question) => {
  const longestStallMs = Math.max(0, delay.max / 1e6 - 10);
  if (question === "usage-after-gc") globalThis.gc?.();
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const usage: Usage = {
    cpuUserMs: userCPUTime / 1000,
    cpuSystemMs: systemCPUTime / 1000,
    rssBytes: rss,
    maxRssBytes: maxRSS * 1024,
    heapBytes: heapUsed,
    longestStallMs,
  };
  process.send?.(usage);
  delay.reset();
});
// Being asked is no reason to stay alive.
process.channel?.unref();
