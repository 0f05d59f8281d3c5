import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { betweenLog, pick, type Random, untilNext } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/**
 * What a disk does now and then: it has no space left, it was mounted read-only, it cannot be read. That it hangs cannot
 * happen here: simulated time stands still for as long as the disk takes.
 */
const DISK_FAULTS = ["ENOSPC", "EROFS", "EIO"] as const;

export interface DiskFaultsOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  /** The runner's. */
  readonly directory: string;
  readonly meanGapMs: number;
  readonly shortestMs: number;
  readonly longestMs: number;
}

export type DiskFaults = ReturnType<typeof createDiskFaults>;

export function createDiskFaults(options: DiskFaultsOptions) {
  const { time, random, directory, meanGapMs, shortestMs, longestMs } = options;
  const marker = join(directory, ".disk-fault");
  const count: Record<string, number> = {};
  let isCleared = false;

  function begin(): void {
    if (isCleared) return;
    const fault = pick(random, DISK_FAULTS);
    count[fault] = (count[fault] ?? 0) + 1;
    writeFileSync(marker, fault);
    time.after(betweenLog(random, shortestMs, longestMs), end);
  }

  function end(): void {
    rmSync(marker, { force: true });
    time.after(untilNext(random, meanGapMs), begin);
  }

  time.after(untilNext(random, meanGapMs), begin);
  const entry = join(directory, ".faulty-disk.mjs");
  // A thread receives nothing but its jobs.
  writeFileSync(
    entry,
    `globalThis.diskFaultMarker = ${JSON.stringify(marker)};\nawait import("${pathToFileURL(workerPath())}");\n`,
  );
  return {
    /** Code of the file threads, which see the faults. */
    entry: pathToFileURL(entry),
    /** Faults so far, by kind. */
    count,
    /** No fault begins any more; one that is on ends. */
    clear() {
      isCleared = true;
      rmSync(marker, { force: true });
    },
  };
}

/** Found from the sources and from a bundle of them. */
function workerPath(): string {
  const manifest = createRequire(import.meta.url).resolve("@x/heartbeat/package.json");
  return join(dirname(manifest), "soak", "faulty-disk-worker.mjs");
}
