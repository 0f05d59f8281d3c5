import { join } from "node:path";
import type { Access } from "./access.ts";
import { asWriteFailure, codeOf } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";
import { temporaryName } from "./temporary-files.ts";
import { remove, writeCopy } from "./write-copy.ts";
import { openInPlace } from "./write-in-place.ts";
import { findWriteTarget, type WriteTarget } from "./write-target.ts";
import { isNotReplaceable, notInPlace } from "./write-token-file.ts";

/** The size of a long token. */
const PROBE_BYTES = 1_024;

/**
 * Rejects unless a token could be stored now in the way a save does it: creates the directories, then writes, flushes
 * and removes a file beside the target; if that fails, or the target cannot be replaced, opens the target for writing
 * in place. Leaves the stored token unchanged.
 *
 * @returns whether the file would be replaced; false: written in place
 * @throws AuthError `STORAGE_WRITE_FAILED`
 */
export async function probeTokenFile(access: Access, location: FileLocation): Promise<boolean> {
  const path = pathOf(location);
  const target = await findWriteTarget(access, location);
  try {
    await tryToWrite(access, target);
    if (target.stats !== null) await probeRename(access, target);
    return true;
  } catch (error) {
    if (!isNotReplaceable(error)) throw asWriteFailure(access, path, error);
    await probeInPlace(access, path, target, error);
    return false;
  }
}

/**
 * Rejects unless a file beside the token could be replaced now. It is never written in place.
 *
 * @throws AuthError `STORAGE_WRITE_FAILED`
 */
export async function probeBesideToken(access: Access, location: FileLocation): Promise<void> {
  const target = await findWriteTarget(access, location);
  try {
    await tryToWrite(access, target);
  } catch (error) {
    throw asWriteFailure(access, pathOf(location), error);
  }
}

async function tryToWrite(access: Access, { directory }: WriteTarget): Promise<void> {
  const bytes = crypto.getRandomValues(new Uint8Array(PROBE_BYTES));
  await remove(access, await writeCopy(access, directory, bytes));
}

/**
 * Renaming over a mount point fails, but no rename can test that without a change. A hard link to a mount point fails
 * as well, and can be removed again.
 *
 * @throws the system's `EXDEV` if the file cannot be replaced
 */
async function probeRename(access: Access, target: WriteTarget): Promise<void> {
  const name = join(target.directory.path, temporaryName());
  try {
    await access.io.link(target.path, name);
  } catch (error) {
    // Other errors concern hard links, not renames.
    if (codeOf(error) === "EXDEV") throw error;
    if (access.signal?.aborted) throw access.signal.reason;
    return;
  }
  await remove(access, name);
}

async function probeInPlace(access: Access, path: string, target: WriteTarget, why: unknown): Promise<void> {
  try {
    const fd = await openInPlace(access, { path: target.path, directory: target.directory.stats });
    await access.always.close(fd);
  } catch (error) {
    throw notInPlace(access, path, why, error);
  }
}
