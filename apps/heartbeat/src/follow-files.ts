import { statSync, unwatchFile, watchFile } from "node:fs";

/** Looking is cheap, works on any file system, and sees through a link that is swapped (Kubernetes mounts). */
const LOOK_EVERY_MS = 1_000;

export interface FollowOptions {
  readonly paths: readonly string[];
  /** When the files were read, in milliseconds since 1970. */
  readonly readAt: number;
  readonly changed: () => void;
  readonly stop: AbortSignal;
}

/**
 * Calls `changed` when one of the files changes, or has changed since it was read, and on SIGHUP, until `stop` aborts.
 * Where there is no file to follow, SIGHUP keeps its meaning and ends the process.
 */
export function followFiles({ paths, readAt, changed, stop }: FollowOptions): void {
  if (paths.length === 0 || stop.aborted) return;
  process.on("SIGHUP", changed);
  for (const path of paths) watchFile(path, { interval: LOOK_EVERY_MS, persistent: false }, changed);
  // What is there at the first look counts as known, and that is some time after it was read.
  const missed = setTimeout(() => paths.some((path) => isNewer(path, readAt)) && changed(), LOOK_EVERY_MS);
  missed.unref();
  stop.addEventListener("abort", () => {
    clearTimeout(missed);
    process.off("SIGHUP", changed);
    for (const path of paths) unwatchFile(path, changed);
  });
}

/** A pipe is read only once; that it was written to since says nothing. */
function isNewer(path: string, readAt: number): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.ctimeMs >= readAt;
}
