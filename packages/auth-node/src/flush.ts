import fs from "node:fs";
import { codeOf } from "./fs-errors.ts";

/**
 * What a file system says that cannot flush a directory (Windows, some network and FUSE file systems), or that does not
 * let us open one: there, nothing more can be done.
 */
const NO_DIRECTORY_FLUSH = new Set(["EACCES", "EBADF", "EINVAL", "EISDIR", "ENOSYS", "ENOTSUP", "EPERM"]);

const DIRECTORY = fs.constants.O_RDONLY | (fs.constants.O_DIRECTORY ?? 0);

/**
 * Waits until what was written is on the disk. This is the call that takes its time, so it goes to the thread pool; the
 * others of a save only touch memory, and each of them costs less than handing it over would.
 */
export function flush(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fsync(fd, (error) => (!error ? resolve() : reject(error)));
  });
}

/** Makes a directory's entries (a new file, a rename) survive a loss of power. */
export async function flushDirectory(path: string): Promise<void> {
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, DIRECTORY);
    await flush(fd);
  } catch (error) {
    if (!NO_DIRECTORY_FLUSH.has(codeOf(error))) throw error;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}
