import { join } from "node:path";
import type { Access } from "./access.ts";
import { flushDirectory } from "./flush.ts";
import { asWriteFailure, codeOf } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";
import { findDirectory } from "./open-directory.ts";
import { writeInPlace } from "./write-in-place.ts";
import { findWriteTarget } from "./write-target.ts";
import { isNotReplaceable, notInPlace } from "./write-token-file.ts";

/** A file that cannot be removed is made blank, which counts as empty. */
const BLANK = new Uint8Array([0x0a]);

/**
 * Removes a token's file durably, and the link to it; resolves if there is none.
 *
 * @throws AuthError `STORAGE_WRITE_FAILED`
 */
export async function removeTokenFile(access: Access, location: FileLocation): Promise<void> {
  const path = pathOf(location);
  try {
    const directory = await findDirectory(access, location);
    if (directory === null) return;
    const named = join(directory.path, location.fileName);
    if (!(await exists(access, named))) return;
    const target = await findWriteTarget(access, location);
    try {
      // Check here, not within: an abort between the two steps would leave a dangling link.
      access.signal?.throwIfAborted();
      await access.always.unlink(target.path);
      if (target.path !== named) await access.always.unlink(named);
    } catch (error) {
      if (!isNotReplaceable(error)) throw error;
      const inPlace = { path: target.path, directory: target.directory.stats };
      const result = await writeInPlace(access, inPlace, BLANK);
      if (!result.ok) throw notInPlace(access, path, error, result.error);
      return;
    }
    await flushDirectory(access, target.directory.path);
    if (target.directory.path !== directory.path) await flushDirectory(access, directory.path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw asWriteFailure(access, path, error);
  }
}

async function exists({ io }: Access, path: string): Promise<boolean> {
  try {
    await io.lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}
