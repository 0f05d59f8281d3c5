import type { Access } from "./access.ts";
import { closeUnflushed, type Flushable, flush, openToFlush } from "./flush.ts";
import { asWriteFailure, codeOf, whyUnwritable, writeFailure } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";
import { Overtaken, type Recheck } from "./overtaken.ts";
import { remove, writeCopy } from "./write-copy.ts";
import { writeInPlace } from "./write-in-place.ts";
import { findWriteTarget, type WriteTarget } from "./write-target.ts";

/** A directory we may not write to, a mount point, or a target on another mount. */
const NOT_REPLACEABLE = new Set(["EACCES", "EBUSY", "EPERM", "EROFS", "EXDEV"]);

/** Errors of file systems without hard links: FAT, some network and FUSE file systems. */
export const NO_LINKS = new Set(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "EXDEV"]);

export function isNotReplaceable(error: unknown): boolean {
  return NOT_REPLACEABLE.has(codeOf(error));
}

export interface Written {
  /** The file's real directory, with symbolic links resolved. */
  readonly directory: string;
  /** Why the file was written in place (an error code); `null` if it was replaced. */
  readonly inPlace: string | null;
}

/**
 * Stores a token in a file durably, so that it survives a power loss, and readers always see the old token or the new
 * one.
 *
 * @param found the file it replaces, if already known
 * @throws AuthError `STORAGE_WRITE_FAILED`
 */
export async function writeTokenFile(
  access: Access,
  location: FileLocation,
  token: string,
  found?: WriteTarget,
  recheck?: Recheck,
): Promise<Written> {
  const path = pathOf(location);
  const bytes = Buffer.from(token);
  const target = found ?? (await findWriteTarget(access, location));
  const failed = await replace(access, path, target, bytes, recheck);
  if (failed !== null) {
    const { copy, why } = failed;
    if (isNotReplaceable(why)) {
      await fallBack(access, { path, target, bytes, copy, why });
      return { directory: target.directory.path, inPlace: codeOf(why) };
    }
    if (copy !== null) await remove(access, copy);
    throw asWriteFailure(access, path, why);
  }
  return { directory: target.directory.path, inPlace: null };
}

/**
 * Stores a file beside the token. Never in place, which could leave it half written.
 *
 * @throws AuthError `STORAGE_WRITE_FAILED`, whose cause is the system's error
 */
export async function writeBesideToken(
  access: Access,
  location: FileLocation,
  text: string,
  recheck?: Recheck,
): Promise<void> {
  const path = pathOf(location);
  const target = await findWriteTarget(access, location);
  const failed = await replace(access, path, target, Buffer.from(text), recheck);
  if (failed === null) return;
  if (failed.copy !== null) await remove(access, failed.copy);
  throw asWriteFailure(access, path, failed.why);
}

interface NotReplaced {
  /** A file beside the target with the complete new content; `null` if it could not be created. */
  readonly copy: string | null;
  readonly why: unknown;
}

/**
 * Replaces a file durably.
 *
 * @returns why it could not be replaced, and is unchanged
 * @throws AuthError `STORAGE_WRITE_FAILED` if it was replaced but not confirmed by the disk
 */
async function replace(
  access: Access,
  path: string,
  target: WriteTarget,
  bytes: Uint8Array,
  recheck?: Recheck,
): Promise<NotReplaced | null> {
  // Opened while the copy is written, to save a round trip.
  const opening = openToFlush(access, target.directory.path);
  let copy: string | null = null;
  try {
    copy = await writeCopy(access, target.directory, bytes);
    await recheck?.();
    if (!recheck || target.stats !== null || !(await linkNew(access, copy, target.path))) {
      await access.io.rename(copy, target.path);
    }
  } catch (why) {
    await closeUnflushed(access, await opening);
    if (why instanceof Overtaken) {
      if (copy !== null) await remove(access, copy);
      throw why;
    }
    return { copy, why };
  }
  await confirm(access, path, await opening);
  return null;
}

/**
 * Names a file that must be new.
 *
 * @returns false if the file system has no hard links
 * @throws Overtaken if it exists by now
 */
async function linkNew(access: Access, copy: string, path: string): Promise<boolean> {
  try {
    await access.io.link(copy, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw new Overtaken();
    if (NO_LINKS.has(codeOf(error))) return false;
    throw error;
  }
  await remove(access, copy);
  return true;
}

/** The new file survives a power loss only once its directory is flushed as well. */
export async function confirm(access: Access, path: string, directory: Flushable): Promise<void> {
  try {
    await flush(access, directory);
  } catch (error) {
    if (access.signal?.aborted) throw access.signal.reason;
    const why = `it was written, but the disk does not confirm it (${codeOf(error)}), so a power loss may undo it.`;
    throw writeFailure(path, why, error);
  }
}

interface FallBack extends NotReplaced {
  readonly path: string;
  readonly target: WriteTarget;
  readonly bytes: Uint8Array;
}

async function fallBack(access: Access, { path, target, bytes, copy, why }: FallBack): Promise<void> {
  const inPlace = { path: target.path, directory: target.directory.stats };
  const result = await writeInPlace(access, inPlace, bytes);
  if (result.ok || !result.touched) {
    if (copy !== null) await remove(access, copy);
    if (result.ok) return;
    throw notInPlace(access, path, why, result.error);
  }
  throw damaged(path, copy, result.error);
}

/** The file can neither be replaced nor written in place. */
export function notInPlace(access: Access, path: string, why: unknown, error: unknown): unknown {
  if (access.signal?.aborted) return access.signal.reason;
  if (codeOf(error) === "ENOENT") return writeFailure(path, whyUnwritable(why), why);
  const both = `it cannot be replaced (${codeOf(why)}), nor written in place: ${whyUnwritable(error)}`;
  return writeFailure(path, both, codeOf(error) === "" ? why : error);
}

function damaged(path: string, copy: string | null, error: unknown): unknown {
  const failed = `writing it in place failed midway (${codeOf(error) || "no error code"}), and the file may be damaged.`;
  const rest = copy === null ? "" : ` The whole new content is in ${copy}: move that file there, or`;
  return writeFailure(path, `${failed}${rest} ${copy === null ? "Save" : "save"} again.`, error);
}
