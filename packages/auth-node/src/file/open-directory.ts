import { basename, dirname, join, relative, sep } from "node:path";
import type { Access } from "./access.ts";
import type { FileStats } from "./file-system.ts";
import { followLinks } from "./follow-links.ts";
import { codeOf, Rejected } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";

export interface FoundDirectory {
  /** The directory; in a list of workspaces, without links. */
  readonly path: string;
  readonly stats: FileStats;
  /** No link may lead out of this directory. */
  readonly boundary?: string;
}

/**
 * Finds the directory of a location; `null` if it does not exist. The operator may choose any configs directory, even
 * behind links. One of several workspaces must have a real directory: a link could lead to another workspace's.
 */
export async function findDirectory(
  access: Access,
  { configsDir, root }: FileLocation,
): Promise<FoundDirectory | null> {
  try {
    if (root === null) return { path: configsDir, stats: await access.io.stat(configsDir) };
    const isBelow = configsDir.startsWith(root + sep);
    const start = await access.io.realpath(isBelow ? root : dirname(configsDir));
    const way = dirname(relative(isBelow ? root : dirname(configsDir), configsDir));
    const parent = await followLinks(access, start, way);
    if (parent.stats === null) return null;
    const path = `${parent.path}${sep}${basename(configsDir)}`;
    const stats = await access.io.lstat(path);
    if (stats.isSymbolicLink()) {
      throw new Rejected(
        `${path} is a symbolic link, but each workspace needs its own directory. Replace the link with a directory.`,
      );
    }
    if (!stats.isDirectory()) {
      throw Object.assign(new Error(`${path} is not a directory`), { code: "ENOTDIR" });
    }
    return { path, stats, boundary: path };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** A step in a directory: inspecting or opening a file. */
export interface DirectoryStep<T> {
  take(path: string): Promise<T>;
  /** Rejects if the directory must not be used: the step's result is then discarded. */
  check?(directory: FoundDirectory): Promise<void>;
  /** Releases the step's result if the directory is not used. */
  undo?(taken: T): Promise<void>;
}

/** The result of a step in a checked directory. */
export interface TakenFrom<T> {
  readonly directory: FoundDirectory;
  readonly path: string;
  readonly taken: T;
}

/**
 * Finds a location's directory, checks it, and takes a step in it. If the path is known in advance, the step runs
 * concurrently, which saves a round trip through the thread pool; in a list of workspaces, the directory is resolved
 * without links first.
 *
 * @param directory an ongoing lookup of the directory, shared by several steps
 * @returns null if the directory does not exist
 */
export async function takeFrom<T>(
  access: Access,
  location: FileLocation,
  { take, check, undo }: DirectoryStep<T>,
  directory: Promise<FoundDirectory | null> = findDirectory(access, location),
): Promise<TakenFrom<T> | null> {
  const ahead = location.root === null ? take(pathOf(location)) : undefined;
  // Handled below; until then its failure must not count as unhandled.
  ahead?.catch(() => {});
  try {
    const found = await directory;
    if (found !== null) {
      await check?.(found);
      const path = join(found.path, location.fileName);
      return { directory: found, path, taken: await (ahead ?? take(path)) };
    }
  } catch (error) {
    await giveBack(ahead, undo);
    throw error;
  }
  await giveBack(ahead, undo);
  return null;
}

async function giveBack<T>(ahead: Promise<T> | undefined, undo: DirectoryStep<T>["undo"]): Promise<void> {
  // Nothing to release if the step failed.
  await ahead?.then(undo, () => {});
}
