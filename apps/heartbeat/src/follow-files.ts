import { statSync, unwatchFile, watchFile } from "node:fs";

/** Looking is cheap, works on any file system, and sees through a link that is swapped (Kubernetes mounts). */
const LOOK_EVERY_MS = 1_000;

/** Files, and what each was like just before it was read. */
export type ReadFiles = ReadonlyMap<string, string>;

/** Taken before the files are read, so that no change after it is missed. */
export function stampsOf(paths: readonly (string | undefined)[]): ReadFiles {
  return new Map(paths.filter((path) => path !== undefined).map((path) => [path, stampOf(path)]));
}

/** Another one for another file in its place, and after each change. A pipe can be read only once: it has none. */
function stampOf(path: string): string {
  try {
    const found = statSync(path, { bigint: true });
    const { dev, ino, size, mtimeNs, ctimeNs } = found;
    return found.isFile() ? [dev, ino, size, mtimeNs, ctimeNs].join(":") : "";
  } catch {
    return "";
  }
}

/**
 * Calls `changed` when one of the files changes, or has changed since it was read, and on SIGHUP, until `stop` aborts.
 * Where there is no file to follow, SIGHUP keeps its meaning and ends the process.
 */
export function followFiles(files: ReadFiles, changed: () => void, stop: AbortSignal): void {
  if (files.size === 0 || stop.aborted) return;
  const known = new Map(files);
  const look = () => {
    const news = [...stampsOf([...known.keys()])].filter(([path, stamp]) => known.get(path) !== stamp);
    for (const [path, stamp] of news) known.set(path, stamp);
    if (news.length > 0) changed();
  };
  process.on("SIGHUP", changed);
  for (const path of known.keys()) watchFile(path, { interval: LOOK_EVERY_MS, persistent: false }, look);
  // To `watchFile`, what is there at its own first look is nothing new.
  const first = setTimeout(look, LOOK_EVERY_MS).unref();
  stop.addEventListener("abort", () => {
    clearTimeout(first);
    process.off("SIGHUP", changed);
    for (const path of known.keys()) unwatchFile(path, look);
  });
}
