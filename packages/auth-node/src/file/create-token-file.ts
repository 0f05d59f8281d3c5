import { constants } from "node:fs";
import type { Access } from "./access.ts";
import { asWriteFailure, codeOf } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";
import { makePrivate } from "./permissions.ts";
import { writeAll } from "./write-all.ts";
import { remove, writeCopy } from "./write-copy.ts";
import { findWriteTarget, type WriteTarget } from "./write-target.ts";
import { confirm, type Written } from "./write-token-file.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_WRONLY } = constants;

/** What a file system says that has no second names: FAT, some network and FUSE file systems. */
const NO_LINKS = new Set(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "EXDEV"]);

/**
 * Stores a token where there is no file yet: a copy beside it is written and flushed, and then given the file's name,
 * which the system does only if nothing has that name. Where files have no second names, the file is created, which is
 * as exclusive, and filled: a reader at that moment finds it blank and looks again.
 *
 * @returns null, and nothing has changed, when there is a file
 * @throws AuthError `STORAGE_WRITE_FAILED`
 */
export async function createTokenFile(
  access: Access,
  location: FileLocation,
  token: string,
): Promise<Written | null> {
  const path = pathOf(location);
  const bytes = Buffer.from(token);
  const target = await findWriteTarget(access, location);
  if (target.stats !== null) return null;
  try {
    const copy = await writeCopy(access, target.directory, bytes);
    try {
      if (!(await nameOrFill(access, target, copy, bytes))) return null;
    } finally {
      await remove(access, copy);
    }
  } catch (error) {
    throw asWriteFailure(access, path, error);
  }
  await confirm(access, path, target);
  return { directory: target.directory.path, inPlace: null };
}

async function nameOrFill(
  access: Access,
  target: WriteTarget,
  copy: string,
  bytes: Uint8Array,
): Promise<boolean> {
  try {
    await access.io.link(copy, target.path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!NO_LINKS.has(codeOf(error))) throw error;
    return fill(access, target, bytes);
  }
}

async function fill({ io, always }: Access, { path }: WriteTarget, bytes: Uint8Array): Promise<boolean> {
  let fd: number;
  try {
    fd = await io.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
  try {
    await makePrivate(always, fd);
    await writeAll(always, fd, bytes, 0);
    await always.fsync(fd);
  } catch (error) {
    await always.unlink(path).catch(() => {});
    throw error;
  } finally {
    await always.close(fd).catch(() => {});
  }
  return true;
}
