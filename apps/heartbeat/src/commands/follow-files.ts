import { unwatchFile, watchFile } from "node:fs";
import { type ReadFiles, stampsOf } from "../config/file-stamps.ts";

/** Polling is cheap, works on any file system, and follows swapped links (Kubernetes mounts). */
const POLL_INTERVAL_MS = 1_000;

/**
 * Calls `changed` when one of the files changes or has changed since it was read, and on SIGHUP, until `stop` aborts.
 * With no file to follow, SIGHUP keeps its meaning and ends the process.
 */
export function followFiles(files: ReadFiles, changed: () => void, stop: AbortSignal): void {
  if (files.size === 0 || stop.aborted) return;
  const known = new Map(files);
  const check = () => {
    const news = [...stampsOf([...known.keys()])].filter(([path, stamp]) => known.get(path) !== stamp);
    for (const [path, stamp] of news) known.set(path, stamp);
    if (news.length > 0) changed();
  };
  process.on("SIGHUP", changed);
  for (const path of known.keys()) watchFile(path, { interval: POLL_INTERVAL_MS, persistent: false }, check);
  // `watchFile` does not report a change before its own first check.
  const first = setTimeout(check, POLL_INTERVAL_MS).unref();
  stop.addEventListener("abort", () => {
    clearTimeout(first);
    process.off("SIGHUP", changed);
    for (const path of known.keys()) unwatchFile(path, check);
  });
}
