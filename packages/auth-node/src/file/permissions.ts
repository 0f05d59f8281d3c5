import { dirname, join } from "node:path";
import type { Access } from "./access.ts";
import { type EmitFileEvent, OncePerState } from "./events.ts";
import type { FileStats, FileSystem } from "./file-system.ts";
import { whyReachedByOthers } from "./ownership.ts";
import { temporaryName } from "./temporary-files.ts";
import { isOurGroup, ourUid } from "./user.ts";

const PERMISSIONS = 0o777;
const OTHERS = 0o077;
const NOT_A_READING_GROUP = 0o037;
const OWNER_ONLY = 0o600;

/**
 * Marks a file that other users could read and that cannot be replaced: one of them may still have it open, and would
 * read what is written into it. The bit means nothing for files, is stored with the file, and is cleared by an
 * operator's `chmod 600`.
 */
const WAS_READABLE = 0o1000;

/**
 * Whether users other than its owner may read, change or run it. A mounted Secret, which root owns and this process
 * reads through its group, is fine. Windows has no such permissions.
 */
export function isReadableByOthers(stats: FileStats): boolean {
  const us = ourUid();
  if (us === undefined || (stats.mode & OTHERS) === 0) return false;
  const isMountedSecret =
    us !== 0 && stats.uid === 0 && (stats.mode & NOT_A_READING_GROUP) === 0 && isOurGroup(stats.gid);
  return !isMountedSecret;
}

/** Whether no other user may read it, or may have it open from when they could. */
export function isPrivate(stats: FileStats): boolean {
  return ourUid() === undefined || (stats.mode & (OTHERS | WAS_READABLE)) === 0;
}

export function permissionsOf(stats: FileStats): number {
  return stats.mode & PERMISSIONS;
}

/**
 * Restricts a file to its owner.
 *
 * @returns whether that succeeded: some file systems have no modes, or are read-only
 */
export async function makePrivate(io: FileSystem, fd: number, mode = OWNER_ONLY): Promise<boolean> {
  try {
    await io.fchmod(fd, mode);
    return true;
  } catch {
    return false;
  }
}

/** Checks every read, whatever the content. */
export interface ReadGuard {
  directory(access: Access, path: string, stats: FileStats): Promise<void>;
  file(access: Access, path: string, fd: number, stats: FileStats): Promise<void>;
}

/** Fixes the permissions of our own file (unless disabled), and emits once if other users can still read it. */
export function createReadGuard(options: { tighten: boolean; emit: EmitFileEvent }): ReadGuard {
  const files = new OncePerState();
  const directories = new OncePerState();
  return {
    async directory(access, path, stats) {
      const { uid, mode } = stats;
      const why = await whyReachedByOthers(access, path, stats);
      directories.emit(why && `${path}:${uid}:${mode}`, () =>
        options.emit({ type: "directory-writable-by-others", path, mode: mode & 0o7777, uid }),
      );
    },
    async file(access, path, fd, stats) {
      if (!isReadableByOthers(stats)) return files.emit(null, () => {});
      const mode = permissionsOf(stats);
      if (options.tighten && stats.uid === ourUid() && (await fix(access, path, fd))) {
        files.emit(null, () => {});
        options.emit({ type: "token-file-permissions-fixed", path, mode });
        return;
      }
      files.emit(`${path}:${stats.uid}:${mode}`, () =>
        options.emit({ type: "token-file-readable-by-others", path, mode, uid: stats.uid }),
      );
    },
  };
}

async function fix(access: Access, path: string, fd: number): Promise<boolean> {
  if (await isReplaceable(access, path)) return makePrivate(access.io, fd);
  return (await makePrivate(access.io, fd, OWNER_ONLY | WAS_READABLE)) || (await makePrivate(access.io, fd));
}

/**
 * Whether a rename over the file should succeed. A hard link to it can be created under the same conditions: not in a
 * directory that we may not write to, and not to a mount point (`EXDEV`).
 */
async function isReplaceable({ io, always }: Access, path: string): Promise<boolean> {
  const name = join(dirname(path), temporaryName());
  try {
    await io.link(path, name);
  } catch {
    return false;
  }
  await always.unlink(name).catch(() => {});
  return true;
}
