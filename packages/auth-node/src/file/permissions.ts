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
 * Set on a file that others could read and that cannot be replaced: one of them may have it open still, and would read
 * what is written into it. The system gives this bit no meaning on files, it stays with the file, and the `chmod 600` of
 * an operator who knows better takes it away.
 */
const WAS_READABLE = 0o1000;

/**
 * Whether anybody but its owner may read, change or run it. A mounted Secret is as it has to be: it is root's, and this
 * process reads it through its group. Windows keeps permissions elsewhere and says nothing here.
 */
export function isReadableByOthers(stats: FileStats): boolean {
  const us = ourUid();
  if (us === undefined || (stats.mode & OTHERS) === 0) return false;
  const isMountedSecret =
    us !== 0 && stats.uid === 0 && (stats.mode & NOT_A_READING_GROUP) === 0 && isOurGroup(stats.gid);
  return !isMountedSecret;
}

/** Whether nobody but its owner may read it, nor can have it open from a time when they could. */
export function isPrivate(stats: FileStats): boolean {
  return ourUid() === undefined || (stats.mode & (OTHERS | WAS_READABLE)) === 0;
}

export function permissionsOf(stats: FileStats): number {
  return stats.mode & PERMISSIONS;
}

/**
 * Gives a file to its owner alone.
 *
 * @returns whether that could be done: there are file systems without modes, and read-only ones
 */
export async function makePrivate(io: FileSystem, fd: number, mode = OWNER_ONLY): Promise<boolean> {
  try {
    await io.fchmod(fd, mode);
    return true;
  } catch {
    return false;
  }
}

/** What each read shows to the storage's owner, whatever the content is. */
export interface ReadGuard {
  directory(access: Access, path: string, stats: FileStats): Promise<void>;
  file(access: Access, path: string, fd: number, stats: FileStats): Promise<void>;
}

/** Fixes the permissions of what is ours (unless told not to), and emits once what stays open to others. */
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
 * Whether a rename over the file can be expected to work. A second name for it can be made in just the directories where
 * that is so: not in one that we may not write to, and not from a file that something is mounted on (`EXDEV`).
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
