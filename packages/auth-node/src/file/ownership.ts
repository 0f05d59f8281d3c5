import { constants } from "node:fs";
import type { Access } from "./access.ts";
import type { FileStats } from "./file-system.ts";
import { codeOf } from "./fs-errors.ts";
import { ourUid } from "./user.ts";

const ROOT = 0;
const WRITABLE_BY_ANYONE = 0o002;
const STICKY = 0o1000;

/** Whether this user or root owns it, so that no other user could have put it there. */
export function isTrusted(stats: FileStats): boolean {
  const us = ourUid();
  return us === undefined || stats.uid === us || stats.uid === ROOT;
}

export function isWritableByAnyone(directory: FileStats): boolean {
  return (directory.mode & WRITABLE_BY_ANYONE) !== 0;
}

/** Whether only an entry's owner can remove or replace it, as in `/tmp`. */
export function isSticky(directory: FileStats): boolean {
  return (directory.mode & STICKY) !== 0;
}

/**
 * Why other users can put files into a directory; `null` if they cannot. Groups are trusted, because the administrator
 * defines them. Root may work in any user's directory, and creates files there for that user.
 */
function whyWritableByOthers(directory: FileStats): string | null {
  const us = ourUid();
  if (us === undefined) return null;
  if (isWritableByAnyone(directory)) {
    return `any user may write to it (mode ${(directory.mode & 0o7777).toString(8)})`;
  }
  if (us === ROOT || isTrusted(directory)) return null;
  return `it belongs to another user (uid ${directory.uid})`;
}

/**
 * The same, considering the mount: nobody can write to a read-only file system, such as a Secret volume, which has mode
 * 1777.
 */
export async function whyReachedByOthers(
  { io }: Access,
  path: string,
  directory: FileStats,
): Promise<string | null> {
  const why = whyWritableByOthers(directory);
  if (why === null) return null;
  try {
    await io.access(path, constants.W_OK);
  } catch (error) {
    if (codeOf(error) === "EROFS") return null;
  }
  return why;
}

/** The user and group for a file created by root: its directory's. `null`: no change. */
export function ownerFor(directory: FileStats): { readonly uid: number; readonly gid: number } | null {
  if (ourUid() !== ROOT || (directory.uid === ROOT && directory.gid === ROOT)) return null;
  return { uid: directory.uid, gid: directory.gid };
}
