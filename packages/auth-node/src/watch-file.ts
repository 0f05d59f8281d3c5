import fs, { type FSWatcher, type Stats } from "node:fs";
import { basename, dirname, sep } from "node:path";

/**
 * How often the file is looked at even though nobody told of a change: network file systems do not tell, there may be
 * no watches left, and the environment may name another directory.
 */
const LOOK_EVERY_MS = 5_000;

export interface WatchedFile {
  /** Where the file is, or would be, now. */
  locate(): string;
  /** Looks at the content. */
  isNews(): Promise<boolean>;
  changed(): void;
}

/**
 * Tells of changes to a file that need not exist, nor its directory. Keeps no process alive and never fails.
 *
 * Two watches, because one does not see everything: the directory's sees files come and go; the file's own sees what
 * is written into a file that a symbolic link leads to, or that is mounted at this path.
 *
 * @returns the way to stop
 */
export function watchFile({ locate, isNews, changed }: WatchedFile): () => void {
  let stopped = false;
  let looking = false;
  let lookAgain = false;
  let lastSeen = "";
  const directory = createWatch();
  const file = createWatch();

  /** Sets the watches to where things are now. */
  function arm(): void {
    const path = pathOf(locate);
    if (path === null) return;
    const above = nearestDirectory(dirname(path));
    directory.set(above, (name) => {
      // An empty name is the platform's "do not know"; a directory that goes away tells by its own name.
      if (name === "" || name === firstBelow(above.path, path) || name === basename(above.path)) notice();
    });
    const found = statOf(path);
    lastSeen = signature(path, found);
    file.set(found?.isFile() ? { path, stats: found } : null, notice);
  }

  /** Several events may be one change: they are dealt with together, after this round of them. */
  function notice(): void {
    if (lookAgain || stopped) return;
    lookAgain = true;
    if (!looking) setImmediate(look);
  }

  async function look(): Promise<void> {
    looking = true;
    while (lookAgain && !stopped) {
      lookAgain = false;
      // The file may be another one now, even one with the same inode number.
      file.set(null, notice);
      arm();
      const news = await isNews().catch(() => true);
      if (news && !stopped) tell(changed);
    }
    looking = false;
  }

  const timer = setInterval(() => {
    const path = pathOf(locate);
    if (path === null) return;
    fs.stat(path, (_error, found) => {
      if (signature(path, found) !== lastSeen) notice();
    });
  }, LOOK_EVERY_MS);
  timer.unref();
  arm();

  return () => {
    stopped = true;
    clearInterval(timer);
    directory.set(null, notice);
    file.set(null, notice);
  };
}

interface Place {
  readonly path: string;
  readonly stats: Stats;
}

/** One `fs.watch` that follows from place to place. */
function createWatch() {
  let watcher: FSWatcher | null = null;
  let watched = "";
  return {
    set(place: Place | null, notice: (name: string) => void): void {
      const wanted = place === null ? "" : `${place.path}:${place.stats.dev}:${place.stats.ino}`;
      if (wanted === watched && (watcher !== null || place === null)) return;
      watcher?.close();
      watcher = null;
      watched = wanted;
      if (place === null) return;
      try {
        const opened = fs.watch(place.path, { persistent: false }, (_event, name) => notice(name ?? ""));
        watcher = opened;
        opened.on("error", () => {
          opened.close();
          if (watcher === opened) watcher = null;
        });
      } catch {
        // Gone again, or no watches left: the timer looks.
      }
    },
  };
}

function nearestDirectory(path: string): Place {
  const stats = statOf(path);
  if (stats?.isDirectory() || dirname(path) === path) return { path, stats: stats ?? fs.statSync(path) };
  return nearestDirectory(dirname(path));
}

/** The name in `directory` on the way to `path`. */
function firstBelow(directory: string, path: string): string {
  return path.slice(directory.length).split(sep).find(Boolean) ?? "";
}

/** Changes with every change to the file; a writer can set the time of modification back, but not that of change. */
function signature(path: string, stats: Stats | null | undefined): string {
  if (!stats) return path;
  return `${path}:${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
}

function statOf(path: string): Stats | undefined {
  try {
    return fs.statSync(path);
  } catch {
    return undefined;
  }
}

function pathOf(locate: () => string): string | null {
  try {
    return locate();
  } catch {
    return null;
  }
}

/** What a listener throws is its own failure, and must not end the process. */
function tell(changed: () => void): void {
  try {
    changed();
  } catch {
    // There is nobody to tell.
  }
}
