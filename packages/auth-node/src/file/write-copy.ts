import { constants } from "node:fs";
import { join } from "node:path";
import type { Access } from "./access.ts";
import type { FileStats } from "./file-system.ts";
import { ownerFor } from "./ownership.ts";
import { makePrivate } from "./permissions.ts";
import { temporaryName } from "./temporary-files.ts";
import { together } from "./together.ts";
import { writeAll } from "./write-all.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_WRONLY } = constants;

/** A directory to write to. */
export interface Directory {
  readonly path: string;
  readonly stats: FileStats;
}

/**
 * Writes a new file into a directory: durable, and readable by its owner only. Leaves nothing behind if it fails.
 *
 * @returns its path
 */
export async function writeCopy(access: Access, directory: Directory, bytes: Uint8Array): Promise<string> {
  const { io, always } = access;
  const path = join(directory.path, temporaryName());
  let fd: number | undefined = await io.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await together([giveToOwner(access, fd, directory), writeAll(io, fd, bytes, 0)]);
    await io.fsync(fd);
    const written = fd;
    fd = undefined;
    // Some file systems report a failed write only on close.
    await always.close(written);
    return path;
  } catch (error) {
    if (fd !== undefined) await always.close(fd).catch(() => {});
    await remove(access, path);
    throw error;
  }
}

async function giveToOwner({ io }: Access, fd: number, { stats }: Directory): Promise<void> {
  // With 0600 other users could never read it, but a umask may have removed the owner's permissions.
  await makePrivate(io, fd);
  const owner = ownerFor(stats);
  // Impossible on some mounts: it then stays root's.
  if (owner !== null) await io.fchown(fd, owner.uid, owner.gid).catch(() => {});
}

/** What cannot be removed now is removed by the sweep after a later save. */
export async function remove({ always }: Access, path: string): Promise<void> {
  // Already removed, or the file system has become read-only.
  await always.unlink(path).catch(() => {});
}
