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
  let path: string | null = null;
  let above = "";
  const directory = createWatch((name) => {
    if (path !== null && concerns(name, above, path)) notice();
  });
  const file = createWatch(notice);

  /** Sets the watches anew: what is there now may be something else, even with the same inode number. */
  function arm(): void {
    path = pathOf(locate);
    if (path === null) return;
    do {
      above = nearestDirectory(path);
      directory.set(above);
      // A directory further down may have come just before the watch began.
    } while (nearestDirectory(path) !== above);
    const found = statOf(path);
    lastSeen = signature(path, found);
    file.set(found?.isFile() ? path : null);
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
      arm();
      const news = await isNews().catch(() => true);
      if (news && !stopped) tell(changed);
    }
    looking = false;
  }

  const timer = setInterval(() => {
    const now = pathOf(locate);
    if (now === null) return;
    fs.stat(now, (_error, found) => {
      if (signature(now, found) !== lastSeen) notice();
    });
  }, LOOK_EVERY_MS);
  timer.unref();
  arm();

  return () => {
    stopped = true;
    clearInterval(timer);
    directory.set(null);
    file.set(null);
  };
}

/** One `fs.watch` that goes from path to path. */
function createWatch(notice: (name: string) => void) {
  let watcher: FSWatcher | null = null;
  return {
    set(path: string | null): void {
      watcher?.close();
      watcher = null;
      if (path === null) return;
      try {
        const opened = fs.watch(path, { persistent: false }, (_event, name) => notice(name ?? ""));
        opened.on("error", () => opened.close());
        watcher = opened;
      } catch {
        // Gone again, or no watches left: the timer looks.
      }
    },
  };
}

/** The directory of the file, or what there is of the way to it. */
function nearestDirectory(path: string): string {
  const above = dirname(path);
  return above === dirname(above) || statOf(above)?.isDirectory() ? above : nearestDirectory(above);
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
