import { constants } from "node:fs";
import type { Access } from "./access.ts";
import { codeOf } from "./fs-errors.ts";

/**
 * Errors of file systems that cannot flush a directory (Windows, some network and FUSE file systems), or that do not
 * let us open it: nothing more can be done then.
 */
const NO_DIRECTORY_FLUSH = new Set(["EACCES", "EBADF", "EINVAL", "EISDIR", "ENOSYS", "ENOTSUP", "EPERM"]);

const DIRECTORY = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0);

/** A directory opened in advance, to be flushed later. */
export interface Flushable {
  readonly path: string;
  /** `null`: it could not be opened. */
  readonly fd: number | null;
}

/** Opens a directory to flush it later. Errors are reported then. Never rejects. */
export async function openToFlush({ io }: Access, path: string): Promise<Flushable> {
  return { path, fd: await io.open(path, DIRECTORY).catch(() => null) };
}

/** Closes a directory that need not be flushed. */
export async function closeUnflushed({ always }: Access, { fd }: Flushable): Promise<void> {
  // Nothing was written through it.
  if (fd !== null) await always.close(fd).catch(() => {});
}

/** Makes a directory's changes (a new file, a rename) survive a power loss, and closes it. */
export async function flush({ io, always }: Access, { path, fd: opened }: Flushable): Promise<void> {
  let fd = opened;
  try {
    fd ??= await io.open(path, DIRECTORY);
    await io.fsync(fd);
  } catch (error) {
    if (!NO_DIRECTORY_FLUSH.has(codeOf(error))) throw error;
  } finally {
    if (fd !== null) await always.close(fd);
  }
}

export function flushDirectory(access: Access, path: string): Promise<void> {
  return flush(access, { path, fd: null });
}
