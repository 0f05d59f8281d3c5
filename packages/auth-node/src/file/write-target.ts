import { dirname, join, sep } from "node:path";
import type { Access } from "./access.ts";
import type { FileStats } from "./file-system.ts";
import { followLinks } from "./follow-links.ts";
import { asWriteFailure, codeOf, ELSEWHERE, Rejected } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";
import { makeDirectories } from "./make-directories.ts";
import { findDirectory } from "./open-directory.ts";
import { whyReachedByOthers } from "./ownership.ts";
import { kindOf } from "./read-token-file.ts";
import type { Directory } from "./write-copy.ts";

/** What a save replaces. */
export interface WriteTarget {
  /** Behind symbolic links, which stay; of a workspace of a list, the link itself. */
  readonly path: string;
  /** The directory it is in: others cannot write to it. */
  readonly directory: Directory;
  /** What is there. */
  readonly stats: FileStats | null;
}

/**
 * Finds what a save replaces, and creates the directories on the way.
 *
 * @throws AuthError `STORAGE_WRITE_FAILED` where others could reach what is written, or nothing can be written
 */
export async function findWriteTarget(access: Access, location: FileLocation): Promise<WriteTarget> {
  try {
    return await find(access, location);
  } catch (error) {
    throw asWriteFailure(access, pathOf(location), error);
  }
}

async function find(access: Access, location: FileLocation): Promise<WriteTarget> {
  const directory = await findOrMake(access, location);
  await rejectReachable(access, directory);
  if (location.root !== null) await rejectReachableAbove(access, location);
  const path = join(directory.path, location.fileName);
  const entry = await lookAt(access, path);
  if (entry === null || entry.isFile()) return { path, directory, stats: entry };
  if (!entry.isSymbolicLink()) throw notAFile(path, entry);
  const led = await followLinks(access, directory.path, location.fileName, directory);
  if (led.stats === null) {
    throw new Rejected("it is a symbolic link to nothing. Remove the link, then save again.");
  }
  if (!led.stats.isFile()) throw notAFile(led.path, led.stats);
  // Whoever owns the workspace's directory could exchange what the link leads through at any moment.
  if (location.root !== null) return { path, directory, stats: entry };
  const behind = dirname(led.path);
  const found = { path: behind, stats: await access.io.stat(behind) };
  await rejectReachable(access, found);
  return { path: led.path, directory: found, stats: led.stats };
}

async function findOrMake(
  access: Access,
  location: FileLocation,
): Promise<Directory & { boundary?: string }> {
  const found = await findDirectory(access, location);
  if (found !== null) return found;
  await makeDirectories(access, location.configsDir);
  const made = await findDirectory(access, location);
  if (made !== null) return made;
  // It is there for `mkdir`, and not for `stat`: a link to nothing.
  throw Object.assign(new Error(`ENOENT: ${location.configsDir} leads nowhere`), { code: "ENOENT" });
}

async function lookAt({ io }: Access, path: string): Promise<FileStats | null> {
  try {
    return await io.lstat(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

async function rejectReachable(access: Access, { path, stats }: Directory): Promise<void> {
  const why = await whyReachedByOthers(access, path, stats);
  if (why === null) return;
  throw new Rejected(
    `other users can put files into ${path}: ${why}. Make it this user's alone (chmod 700, chown), ${ELSEWHERE} One below it, such as ${join(path, "agent")}, is created for this user alone.`,
  );
}

/** The directories between a list's root and the workspace's own. */
async function rejectReachableAbove(access: Access, { configsDir, root }: FileLocation): Promise<void> {
  if (root === null || !configsDir.startsWith(root + sep)) return;
  for (let path = dirname(configsDir); path.startsWith(root); path = dirname(path)) {
    await rejectReachable(access, { path, stats: await access.io.stat(path) });
    if (path === root) return;
  }
}

function notAFile(path: string, stats: FileStats): Rejected {
  return new Rejected(`${path} is a ${kindOf(stats)}, not a file. Move it away, then save again.`);
}
