import { constants } from "node:fs";
import type { Access } from "./access.ts";
import { codeOf } from "./fs-errors.ts";

/**
 * What a file system says that cannot flush a directory (Windows, some network and FUSE file systems), or that does not
 * let us open one: there, nothing more can be done.
 */
const NO_DIRECTORY_FLUSH = new Set(["EACCES", "EBADF", "EINVAL", "EISDIR", "ENOSYS", "ENOTSUP", "EPERM"]);

const DIRECTORY = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0);

/** Makes a directory's entries (a new file, a rename) survive a loss of power. */
export async function flushDirectory({ io, always }: Access, path: string): Promise<void> {
  let fd: number | undefined;
  try {
    fd = await io.open(path, DIRECTORY);
    await io.fsync(fd);
  } catch (error) {
    if (!NO_DIRECTORY_FLUSH.has(codeOf(error))) throw error;
  } finally {
    if (fd !== undefined) await always.close(fd);
  }
}
