import { constants } from "node:fs";
import { join } from "node:path";
import type { Access } from "./access.ts";
import type { FileStats } from "./file-system.ts";
import { ownerFor } from "./ownership.ts";
import { makePrivate } from "./permissions.ts";
import { temporaryName } from "./temporary-files.ts";
import { writeAll } from "./write-all.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_WRONLY } = constants;

/** A directory that is written to. */
export interface Directory {
  readonly path: string;
  readonly stats: FileStats;
}

/**
 * Writes a new file into a directory, for its owner alone and on the disk when this settles. When it fails, nothing of
 * it stays.
 *
 * @returns its path
 */
export async function writeCopy(access: Access, directory: Directory, bytes: Uint8Array): Promise<string> {
  const { io, always } = access;
  const path = join(directory.path, temporaryName());
  let fd: number | undefined = await io.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    // Created with 0600 it was never open to others, but a umask may have taken too much from its owner.
    await makePrivate(io, fd);
    const owner = ownerFor(directory.stats);
    // Not possible on some mounts: then it stays root's.
    if (owner !== null) await io.fchown(fd, owner.uid, owner.gid).catch(() => {});
    await writeAll(io, fd, bytes, 0);
    await io.fsync(fd);
    const written = fd;
    fd = undefined;
    // Some file systems tell only now that they could not keep what they took.
    await always.close(written);
    return path;
  } catch (error) {
    if (fd !== undefined) await always.close(fd).catch(() => {});
    await remove(access, path);
    throw error;
  }
}

/** The sweep after a later save takes what cannot be removed now. */
export async function remove({ always }: Access, path: string): Promise<void> {
  // Gone already, or the file system has become read-only.
  await always.unlink(path).catch(() => {});
}
