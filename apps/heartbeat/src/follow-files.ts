import { unwatchFile, watchFile } from "node:fs";

/** Looking is cheap, works on any file system, and sees through a link that is swapped (Kubernetes mounts). */
const LOOK_EVERY_MS = 1_000;

/**
 * Calls `changed` when one of the files changes, and on SIGHUP, until `stop` aborts. Where there is no file to follow,
 * SIGHUP keeps its meaning and ends the process.
 */
export function followFiles(paths: readonly string[], changed: () => void, stop: AbortSignal): void {
  if (paths.length === 0 || stop.aborted) return;
  process.on("SIGHUP", changed);
  for (const path of paths) watchFile(path, { interval: LOOK_EVERY_MS, persistent: false }, changed);
  stop.addEventListener("abort", () => {
    process.off("SIGHUP", changed);
    for (const path of paths) unwatchFile(path, changed);
  });
}
