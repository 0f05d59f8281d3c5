import { monitorEventLoopDelay } from "node:perf_hooks";

/** Loaded into a measured process before its own code (`--import`): reports resource usage to the parent on request. */
export interface Usage {
  /** Since the start of the process, in milliseconds. */
  readonly cpuUserMs: number;
  readonly cpuSystemMs: number;
  readonly rssBytes: number;
  readonly maxRssBytes: number;
  /** After a garbage collection, if one was requested. */
  readonly heapBytes: number;
  /** Longest block of the event loop since the last request, in milliseconds. */
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
// Waiting for requests does not keep the process alive.
process.channel?.unref();
