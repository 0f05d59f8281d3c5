import { dirname, join, sep } from "node:path";
import type { Access } from "./access.ts";
import type { FileStats } from "./file-system.ts";
import { followLinks, lstatIfPresent } from "./follow-links.ts";
import { asWriteFailure, ELSEWHERE, Rejected } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";
import { makeDirectories } from "./make-directories.ts";
import { type FoundDirectory, takeFrom } from "./open-directory.ts";
import { whyReachedByOthers } from "./ownership.ts";
import { kindOf } from "./read-token-file.ts";
import type { Directory } from "./write-copy.ts";

/** The file that a save replaces. */
export interface WriteTarget {
  /** With symbolic links resolved, so that they stay; in a list of workspaces, the link itself. */
  readonly path: string;
  /** Its directory, which other users cannot write to. */
  readonly directory: Directory;
  /** The existing file's metadata. */
  readonly stats: FileStats | null;
}

/**
 * Finds the file that a save replaces, and creates missing directories.
 *
 * @param directory an ongoing lookup of its directory
 * @throws AuthError `STORAGE_WRITE_FAILED` if other users could access the new file, or it cannot be written
 */
export async function findWriteTarget(
  access: Access,
  location: FileLocation,
  directory?: Promise<FoundDirectory | null>,
): Promise<WriteTarget> {
  try {
    return await find(access, location, directory);
  } catch (error) {
    throw asWriteFailure(access, pathOf(location), error);
  }
}

async function find(
  access: Access,
  location: FileLocation,
  finding: Promise<FoundDirectory | null> | undefined,
): Promise<WriteTarget> {
  const { directory, path, taken: entry } = await inspectTarget(access, location, finding);
  if (entry === null || entry.isFile()) return { path, directory, stats: entry };
  if (!entry.isSymbolicLink()) throw notAFile(path, entry);
  const led = await followLinks(access, directory.path, location.fileName, directory);
  if (led.stats === null) {
    throw new Rejected("it is a dangling symbolic link. Remove the link, then save again.");
  }
  if (!led.stats.isFile()) throw notAFile(led.path, led.stats);
  // The owner of the workspace's directory could change the link's target at any moment.
  if (location.root !== null) return { path, directory, stats: entry };
  const behind = dirname(led.path);
  const found = { path: behind, stats: await access.io.stat(behind) };
  await rejectReachable(access, found);
  return { path: led.path, directory: found, stats: led.stats };
}

/** Inspects the path in a directory that other users cannot write to; creates the directory if missing. */
async function inspectTarget(
  access: Access,
  location: FileLocation,
  finding: Promise<FoundDirectory | null> | undefined,
) {
  const step = {
    take: (path: string) => lstatIfPresent(access, path),
    check: async (directory: FoundDirectory) => {
      await rejectReachable(access, directory);
      if (location.root !== null) await rejectReachableAbove(access, location);
    },
  };
  const found = await takeFrom(access, location, step, finding);
  if (found !== null) return found;
  await makeDirectories(access, location.configsDir);
  const made = await takeFrom(access, location, step);
  if (made !== null) return made;
  // It exists for `mkdir` but not for `stat`: a dangling link.
  throw Object.assign(new Error(`ENOENT: ${location.configsDir} leads nowhere`), { code: "ENOENT" });
}

async function rejectReachable(access: Access, { path, stats }: Directory): Promise<void> {
  const why = await whyReachedByOthers(access, path, stats);
  if (why === null) return;
  throw new Rejected(
    `other users can put files into ${path}: ${why}. Give it to this user alone (chown, chmod 700), ${ELSEWHERE} One below it, such as ${join(path, "agent")}, is created for this user alone.`,
  );
}

/** The directories between the shared root and the workspace's own. */
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
