import { constants } from "node:fs";
import { dirname, join } from "node:path";
import type { Access } from "./access.ts";
import type { FileStats } from "./file-system.ts";
import { followLinks } from "./follow-links.ts";
import { codeOf, Rejected } from "./fs-errors.ts";
import type { FileLocation } from "./location.ts";
import { findDirectory } from "./open-directory.ts";
import type { ReadGuard } from "./permissions.ts";
import { isLinkedByUsOnly } from "./temporary-files.ts";

/** A FIFO must not make us wait for its other end, and a link is followed only after it was looked at. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Whoever replaces the file does so between two of our steps now and then, not in each of these. */
const ATTEMPTS = 20;

export interface OpenedFile {
  readonly fd: number;
  /** Behind links. */
  readonly path: string;
  readonly stats: FileStats;
  /** Of the directory that it was looked for in. */
  readonly directory: FileStats;
}

/**
 * Opens a file for reading: `null` when there is none. What is opened is what was looked at.
 *
 * @throws Rejected and the system's errors
 */
export async function openFile(
  access: Access,
  location: FileLocation,
  guard?: ReadGuard,
): Promise<OpenedFile | null> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const opened = await tryToOpen(access, location, guard);
    if (opened !== CHANGED) return opened;
  }
  throw new Rejected("it is replaced all the time. Try again.");
}

const CHANGED = Symbol("changed");

async function tryToOpen(
  access: Access,
  location: FileLocation,
  guard: ReadGuard | undefined,
): Promise<OpenedFile | null | typeof CHANGED> {
  const directory = await findDirectory(access, location);
  if (directory === null) return null;
  await guard?.directory(access, directory.path, directory.stats);
  const path = join(directory.path, location.fileName);
  try {
    const fd = await access.io.open(path, READ);
    return await confirm(access, { fd, path, directory: directory.stats, inList: location.root !== null });
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return null;
    if (code !== "ELOOP" && code !== "EMLINK") throw error;
  }
  const { path: target, stats } = await followLinks(access, directory.path, location.fileName, directory);
  if (stats === null) return null;
  try {
    const fd = await access.io.open(target, READ);
    return await confirm(access, {
      fd,
      path: target,
      directory: directory.stats,
      expected: stats,
      inList: location.root !== null,
    });
  } catch (error) {
    // It has become a link, or has gone, since it was looked at.
    if (["ENOENT", "ELOOP", "EMLINK"].includes(codeOf(error))) return CHANGED;
    throw error;
  }
}

interface Opened {
  readonly fd: number;
  readonly path: string;
  readonly directory: FileStats;
  /** What was looked at before, behind a link. */
  readonly expected?: FileStats;
  readonly inList: boolean;
}

async function confirm(
  access: Access,
  { fd, path, directory, expected, inList }: Opened,
): Promise<OpenedFile | typeof CHANGED> {
  try {
    const stats = await access.io.fstat(fd);
    const isAnother = expected !== undefined && (stats.ino !== expected.ino || stats.dev !== expected.dev);
    if (isAnother || (expected !== undefined && inList && (await hasMoved(access, fd, path)))) {
      await closeQuietly(access, fd);
      return CHANGED;
    }
    if (
      inList &&
      stats.isFile() &&
      stats.nlink > 1 &&
      !(await isLinkedByUsOnly(access, dirname(path), stats))
    ) {
      throw new Rejected(
        `it has further names (hard links, ${stats.nlink} in all), so it may be another workspace's. Remove it, then save the token again.`,
      );
    }
    return { fd, path, stats, directory };
  } catch (error) {
    await closeQuietly(access, fd);
    throw error;
  }
}

/**
 * Whether what was opened is elsewhere than it was looked at: whoever owns the workspace's directory can exchange
 * directories on the way in between. Where the system does not say, nothing is known.
 */
async function hasMoved({ io }: Access, fd: number, path: string): Promise<boolean> {
  try {
    return (await io.readlink(`/proc/self/fd/${fd}`)) !== path;
  } catch {
    return false;
  }
}

/** A file that was only read has nothing to lose when it is closed. */
export async function closeQuietly({ always }: Access, fd: number): Promise<void> {
  await always.close(fd).catch(() => {});
}
