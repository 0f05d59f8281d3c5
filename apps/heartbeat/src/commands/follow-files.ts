import { stat } from "node:fs/promises";
import { type ReadFiles, stampOf } from "../config/file-stamps.ts";
import type { PendingCalls } from "../config/pending-calls.ts";

/** Polling is cheap, works on any file system, and follows swapped links (Kubernetes mounts). */
const POLL_INTERVAL_MS = 1_000;

export interface FollowFilesOptions {
  readonly changed: () => void;
  readonly stop: AbortSignal;
  readonly pending: PendingCalls;
}

/**
 * Calls `changed` when one of the files changes or has changed since it was read, and on SIGHUP, until `stop` aborts.
 */
export function followFiles(files: ReadFiles, options: FollowFilesOptions): void {
  const { changed, stop } = options;
  if (files.size === 0 || stop.aborted) return;
  process.on("SIGHUP", changed);
  stop.addEventListener("abort", () => process.off("SIGHUP", changed));
  for (const [path, stamp] of files) follow(path, stamp, options);
}

/** One check at a time, none of which blocks this thread: the disk may hang. */
function follow(path: string, read: string, { changed, stop, pending }: FollowFilesOptions): void {
  let stamp = read;
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    timer = setTimeout(check, POLL_INTERVAL_MS).unref();
  };
  const check = async () => {
    const found = await pending.add(stat(path, { bigint: true })).catch(() => null);
    if (stop.aborted) return;
    const last = stamp;
    stamp = stampOf(found);
    if (stamp !== last) changed();
    wait();
  };
  wait();
  stop.addEventListener("abort", () => clearTimeout(timer));
}
