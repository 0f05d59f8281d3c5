import fs, { type FSWatcher } from "node:fs";
import { basename, dirname, sep } from "node:path";
import { setImmediate } from "node:timers";
import type { FileStats, FileSystem } from "./file-system.ts";

/**
 * How often to check the file without an event: network file systems send none, the system may be out of watches, and
 * the environment may name another directory.
 */
const CHECK_EVERY_MS = 5_000;

/** How far file timestamps may lag behind the clock. */
const CLOCK_STEP_MS = 50;

export interface WatchedFile {
  readonly io: FileSystem;
  /** The file's current path, whether or not it exists. */
  locate(): Promise<string>;
  /**
   * Checks the content.
   *
   * @param change `none`: no known change yet; this is the first check
   */
  isChange(change: "some" | "none"): Promise<boolean>;
  changed(): void;
}

/**
 * Emits changes to a file that may not exist yet, nor its directory. Does not keep the process alive, and never fails.
 *
 * Uses two watches, because neither sees everything: one on the directory sees files appear and disappear; one on the
 * file sees writes to a link's target, or to a file mounted at this path.
 *
 * @returns unsubscribe
 */
export function watchFile({ io, locate, isChange, changed }: WatchedFile): () => void {
  const startedAt = Date.now() - CLOCK_STEP_MS;
  let isFirst = true;
  let stopped = false;
  let checking = false;
  let checkAgain = false;
  let polling = false;
  let lastSeen: string | null = null;
  let path: string | null = null;
  let above = "";
  const directory = createWatch((name) => {
    if (path !== null && concerns(name, above, path)) onChange();
  });
  const file = createWatch(onChange);

  /**
   * Sets the watches again, because the path may be another file now, even with the same inode number.
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
      // A directory closer to the file may have appeared just before the watch began.
      nearest = await nearestDirectory(io, path);
    } while (nearest !== above);
    const found = await statOf(io, path);
    if (stopped) return null;
    lastSeen = signature(path, found);
    file.set(found?.isFile() ? path : null);
    return found;
  }

  /** Handles several events of the same tick together, because they may be one change. */
  function onChange(): void {
    if (checkAgain || stopped) return;
    checkAgain = true;
    if (!checking) setImmediate(check);
  }

  async function check(): Promise<void> {
    checking = true;
    while (checkAgain && !stopped) {
      checkAgain = false;
      const found = await arm();
      // A change before the watch began shows only in the timestamp.
      const unchanged = isFirst && !checkAgain && (found === null || found.ctimeMs < startedAt);
      isFirst = false;
      const hasChanged = await isChange(unchanged ? "none" : "some").catch(() => true);
      if (hasChanged && !stopped) emit(changed);
    }
    checking = false;
  }

  /** If a check hangs, no other one is started: it would hang as well, in another thread. */
  async function poll(): Promise<void> {
    if (polling || checking) return;
    polling = true;
    const now = await locate().catch(() => null);
    if (now !== null && signature(now, await statOf(io, now)) !== lastSeen) onChange();
    polling = false;
  }

  const timer = setInterval(poll, CHECK_EVERY_MS);
  // Under Jest's jsdom, a timer is a number.
  timer.unref?.();
  onChange();

  return () => {
    stopped = true;
    clearInterval(timer);
    directory.set(null);
    file.set(null);
  };
}

/** An `fs.watch` that can move from path to path. */
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
        // The path is gone again, or no watches are left: the timer checks it.
      }
    },
  };
}

/** The directory of the file, or its nearest existing parent. */
async function nearestDirectory(io: FileSystem, path: string): Promise<string> {
  const above = dirname(path);
  const isThere = above === dirname(above) || (await statOf(io, above))?.isDirectory();
  return isThere ? above : nearestDirectory(io, above);
}

/**
 * Whether an event in `directory` may concern the file at `path`, or a directory on its path. Without a name, the
 * system does not know it; a removed directory is reported by its own name.
 */
function concerns(name: string, directory: string, path: string): boolean {
  const onTheWay = path.slice(directory.length).split(sep).find(Boolean);
  return name === "" || name === onTheWay || name === basename(directory);
}

/** Changes with every change to the file: a writer can reset the modification time, but not the change time. */
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

/** A listener's error must not end the process. */
function emit(changed: () => void): void {
  try {
    changed();
  } catch {
    // Nothing can be done about it here.
  }
}
