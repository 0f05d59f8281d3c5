import type { Access } from "./access.ts";
import { flushDirectory } from "./flush.ts";
import { asWriteFailure, codeOf, whyUnwritable, writeFailure } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";
import { remove, writeCopy } from "./write-copy.ts";
import { writeInPlace } from "./write-in-place.ts";
import { findWriteTarget, type WriteTarget } from "./write-target.ts";

/** A directory we may not write to; a file that something is mounted on; a mount that ends here. */
const NOT_REPLACEABLE = new Set(["EACCES", "EBUSY", "EPERM", "EROFS", "EXDEV"]);

export function isNotReplaceable(error: unknown): boolean {
  return NOT_REPLACEABLE.has(codeOf(error));
}

export interface Written {
  /** The directory that the file really is in, behind symbolic links. */
  readonly directory: string;
  /** Why the file was written in place (an error code); `null` when it was replaced. */
  readonly inPlace: string | null;
}

/**
 * Stores a token in a file, so that it is there after a loss of power, and every reader at every instant finds the old
 * token or the new one.
 *
 * @throws AuthError `STORAGE_WRITE_FAILED`
 */
export async function writeTokenFile(
  access: Access,
  location: FileLocation,
  token: string,
): Promise<Written> {
  const path = pathOf(location);
  const bytes = Buffer.from(token);
  const target = await findWriteTarget(access, location);
  let copy: string | null = null;
  try {
    copy = await writeCopy(access, target.directory, bytes);
    await access.io.rename(copy, target.path);
  } catch (error) {
    if (isNotReplaceable(error)) {
      await fallBack(access, { path, target, bytes, copy, why: error });
      return { directory: target.directory.path, inPlace: codeOf(error) };
    }
    if (copy !== null) await remove(access, copy);
    throw asWriteFailure(access, path, error);
  }
  await confirm(access, path, target);
  return { directory: target.directory.path, inPlace: null };
}

/**
 * Stores what is kept beside a token. Never in place: it is not worth a half-written file.
 *
 * @throws AuthError `STORAGE_WRITE_FAILED`, whose cause is the system's error
 */
export async function writeBesideToken(access: Access, location: FileLocation, text: string): Promise<void> {
  const path = pathOf(location);
  const target = await findWriteTarget(access, location);
  let copy: string | null = null;
  try {
    copy = await writeCopy(access, target.directory, Buffer.from(text));
    await access.io.rename(copy, target.path);
  } catch (error) {
    if (copy !== null) await remove(access, copy);
    throw asWriteFailure(access, path, error);
  }
  await confirm(access, path, target);
}

/** Only with its directory on the disk too is the new file there after a loss of power. */
export async function confirm(access: Access, path: string, { directory }: WriteTarget): Promise<void> {
  try {
    await flushDirectory(access, directory.path);
  } catch (error) {
    if (access.signal?.aborted) throw access.signal.reason;
    const why = `it is there, but the disk does not confirm it (${codeOf(error)}), and a loss of power may undo it.`;
    throw writeFailure(path, why, error);
  }
}

interface FallBack {
  readonly path: string;
  readonly target: WriteTarget;
  readonly bytes: Uint8Array;
  /** The new token, whole, in a file beside the target; `null` when that could not be made. */
  readonly copy: string | null;
  /** What kept the file from being replaced. */
  readonly why: unknown;
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

/** The file can be replaced no more than it can be written in place. */
export function notInPlace(access: Access, path: string, why: unknown, error: unknown): unknown {
  if (access.signal?.aborted) return access.signal.reason;
  if (codeOf(error) === "ENOENT") return writeFailure(path, whyUnwritable(why), why);
  const both = `it cannot be replaced (${codeOf(why)}), nor written in place: ${whyUnwritable(error)}`;
  return writeFailure(path, both, codeOf(error) === "" ? why : error);
}

function damaged(path: string, copy: string | null, error: unknown): unknown {
  const failed = `writing it in place failed midway (${codeOf(error) || "no error code"}), and the file may be damaged.`;
  const rest = copy === null ? "" : ` The whole token is in ${copy}: move that file there, or`;
  return writeFailure(path, `${failed}${rest} ${copy === null ? "Save" : "save"} the token again.`, error);
}
