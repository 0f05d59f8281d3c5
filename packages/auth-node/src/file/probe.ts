import { join } from "node:path";
import type { Access } from "./access.ts";
import { asWriteFailure, codeOf } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";
import { temporaryName } from "./temporary-files.ts";
import { remove, writeCopy } from "./write-copy.ts";
import { openInPlace } from "./write-in-place.ts";
import { findWriteTarget, type WriteTarget } from "./write-target.ts";
import { isNotReplaceable, notInPlace } from "./write-token-file.ts";

/** As much as a long token takes. */
const PROBE_BYTES = 1_024;

/**
 * Rejects unless a token could be stored now, by the path that a save takes: the directories are created, a file is
 * written and flushed beside the target and removed again; where that cannot be, or the target cannot be replaced, it is
 * opened for writing in place. What is stored stays as it is.
 *
 * @returns whether the file would be replaced; false: written in place
 * @throws AuthError `STORAGE_WRITE_FAILED`
 */
export async function probeTokenFile(access: Access, location: FileLocation): Promise<boolean> {
  const path = pathOf(location);
  const target = await findWriteTarget(access, location);
  try {
    const bytes = crypto.getRandomValues(new Uint8Array(PROBE_BYTES));
    await remove(access, await writeCopy(access, target.directory, bytes));
    if (target.stats !== null) await probeRename(access, target);
    return true;
  } catch (error) {
    if (!isNotReplaceable(error)) throw asWriteFailure(access, path, error);
    await probeInPlace(access, path, target, error);
    return false;
  }
}

/**
 * A rename over a file that something is mounted on fails, and there is no rename that changes nothing. But neither can
 * such a file be given a second name, and that can be taken away again.
 *
 * @throws the system's `EXDEV` when the file cannot be replaced
 */
async function probeRename(access: Access, target: WriteTarget): Promise<void> {
  const name = join(target.directory.path, temporaryName());
  try {
    await access.io.link(target.path, name);
  } catch (error) {
    // Anything else is about second names, not about the first.
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
