import fs, { type FSWatcher } from "node:fs";
import { basename, dirname, sep } from "node:path";
import type { FileStats, FileSystem } from "./file-system.ts";

/**
 * How often the file is looked at even though nobody told of a change: network file systems do not tell, there may be
 * no watches left, and the environment may name another directory.
 */
const LOOK_EVERY_MS = 5_000;

/** How far the system's clock for files may be behind. */
const CLOCK_STEP_MS = 50;

export interface WatchedFile {
  readonly io: FileSystem;
  /** Where the file is, or would be, now. */
  locate(): Promise<string>;
  /**
   * Looks at the content.
   *
   * @param change `none`: nothing has changed yet, as far as is known; this is the look with which watching begins
   */
  isNews(change: "some" | "none"): Promise<boolean>;
  changed(): void;
}

/**
 * Emits changes to a file that need not exist, nor its directory. Keeps no process alive and never fails.
 *
 * Two watches, because one does not see everything: the directory's sees files come and go; the file's own sees what
 * is written into a file that a symbolic link leads to, or that is mounted at this path.
 *
 * @returns unsubscribe
 */
export function watchFile({ io, locate, isNews, changed }: WatchedFile): () => void {
  const startedAt = Date.now() - CLOCK_STEP_MS;
  let isFirst = true;
  let stopped = false;
  let looking = false;
  let lookAgain = false;
  let polling = false;
  let lastSeen: string | null = null;
  let path: string | null = null;
  let above = "";
  const directory = createWatch((name) => {
    if (path !== null && concerns(name, above, path)) onChange();
  });
  const file = createWatch(onChange);

  /**
   * Sets the watches again: what is there now may be something else, even with the same inode number.
   *
   * @returns the file
   */
  async function arm(): Promise<FileStats | null> {
    path = await locate().catch(() => null);
    if (path === null || stopped) return null;
    let nearest = await nearestDirectory(io, path);
    do {
      if (stopped) return null;
      above = nearest;
      directory.set(above);
      // A directory further down may have come just before the watch began.
      nearest = await nearestDirectory(io, path);
    } while (nearest !== above);
    const found = await statOf(io, path);
    if (stopped) return null;
    lastSeen = signature(path, found);
    file.set(found?.isFile() ? path : null);
    return found;
  }

  /** Several events may be one change: they are dealt with together, after this round of them. */
  function onChange(): void {
    if (lookAgain || stopped) return;
    lookAgain = true;
    if (!looking) setImmediate(look);
  }

  async function look(): Promise<void> {
    looking = true;
    while (lookAgain && !stopped) {
      lookAgain = false;
      const found = await arm();
      // Whatever changed before there was a watch has to be told by its time.
      const unchanged = isFirst && !lookAgain && (found === null || found.ctimeMs < startedAt);
      isFirst = false;
      const news = await isNews(unchanged ? "none" : "some").catch(() => true);
      if (news && !stopped) emit(changed);
    }
    looking = false;
  }

  /** One that hangs is the only one: the next would hang as well, in a thread of its own. */
  async function poll(): Promise<void> {
    if (polling || looking) return;
    polling = true;
    const now = await locate().catch(() => null);
    if (now !== null && signature(now, await statOf(io, now)) !== lastSeen) onChange();
    polling = false;
  }

  const timer = setInterval(poll, LOOK_EVERY_MS);
  timer.unref();
  onChange();

  return () => {
    stopped = true;
    clearInterval(timer);
    directory.set(null);
    file.set(null);
  };
}

/** One `fs.watch` that goes from path to path. */
function createWatch(onChange: (name: string) => void) {
  let watcher: FSWatcher | null = null;
  return {
    set(path: string | null): void {
      watcher?.close();
      watcher = null;
      if (path === null) return;
      try {
        const opened = fs.watch(path, { persistent: false }, (_event, name) => onChange(name ?? ""));
        opened.on("error", () => opened.close());
        watcher = opened;
      } catch {
        // Gone again, or no watches left: the timer looks.
      }
    },
  };
}

/** The directory of the file, or what there is of the way to it. */
async function nearestDirectory(io: FileSystem, path: string): Promise<string> {
  const above = dirname(path);
  const isThere = above === dirname(above) || (await statOf(io, above))?.isDirectory();
  return isThere ? above : nearestDirectory(io, above);
}

/**
 * Whether an event in `directory` may be about the file at `path`, or a directory on the way there. No name means that
 * the platform does not know it; a directory that goes away tells so by its own name.
 */
function concerns(name: string, directory: string, path: string): boolean {
  const onTheWay = path.slice(directory.length).split(sep).find(Boolean);
  return name === "" || name === onTheWay || name === basename(directory);
}

/** Changes with every change to the file; a writer can set the time of modification back, but not that of change. */
function signature(path: string, stats: FileStats | null): string {
  if (!stats) return path;
  return `${path}:${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
}

async function statOf(io: FileSystem, path: string): Promise<FileStats | null> {
  try {
    return await io.stat(path);
  } catch {
    return null;
  }
}

/** What a listener throws is its own failure, and must not end the process. */
function emit(changed: () => void): void {
  try {
    changed();
  } catch {
    // There is nothing to be done about it here.
  }
}
