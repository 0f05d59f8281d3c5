import { constants } from "node:fs";
import { dirname } from "node:path";
import type { Access } from "./access.ts";
import type { FileStats } from "./file-system.ts";
import { flushDirectory } from "./flush.ts";
import { codeOf } from "./fs-errors.ts";
import { ownerFor } from "./ownership.ts";

const OWNER_ONLY = 0o700;

/**
 * Creates a directory and its missing parents durably, for its owner only. A directory created by root belongs to the
 * owner of its parent, who must be able to read the token in it.
 */
export async function makeDirectories(access: Access, path: string): Promise<void> {
  const missing: string[] = [];
  let above: FileStats | null = null;
  for (let at = path; above === null; at = dirname(at)) {
    above = await statOf(access, at);
    if (above === null) missing.unshift(at);
    if (dirname(at) === at) break;
  }
  for (const directory of missing) {
    try {
      await access.io.mkdir(directory, OWNER_ONLY);
      await give(access, directory, above);
    } catch (error) {
      // Another process created it first; the next step checks that it is a directory.
      if (codeOf(error) !== "EEXIST") throw error;
    }
    await flushDirectory(access, dirname(directory));
  }
}

async function give({ io, always }: Access, directory: string, above: FileStats | null): Promise<void> {
  // A umask may have removed permissions that the owner needs for the next step.
  if (((await io.stat(directory)).mode & OWNER_ONLY) !== OWNER_ONLY) await io.chmod(directory, OWNER_ONLY);
  const owner = above === null ? null : ownerFor(above);
  if (owner === null) return;
  const flags = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);
  const fd = await io.open(directory, flags);
  try {
    // Impossible on some mounts: it then stays root's.
    await io.fchown(fd, owner.uid, owner.gid).catch(() => {});
  } finally {
    await always.close(fd);
  }
}

async function statOf({ io }: Access, path: string): Promise<FileStats | null> {
  try {
    return await io.stat(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}
