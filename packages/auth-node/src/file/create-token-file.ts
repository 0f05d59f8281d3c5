import { constants } from "node:fs";
import type { Access } from "./access.ts";
import { closeUnflushed, openToFlush } from "./flush.ts";
import { asWriteFailure, codeOf } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";
import { Overtaken, type Recheck } from "./overtaken.ts";
import { makePrivate } from "./permissions.ts";
import { writeAll } from "./write-all.ts";
import { remove, writeCopy } from "./write-copy.ts";
import type { WriteTarget } from "./write-target.ts";
import { confirm, NO_LINKS, type Written } from "./write-token-file.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_WRONLY } = constants;

/**
 * Stores a token only if there is no file yet: writes and flushes a copy beside it, then hard-links it to the file's
 * name, which fails if the name exists. Without hard links, it creates the file exclusively and fills it: a reader at
 * that moment finds it blank and retries.
 *
 * @returns null, with nothing changed, if a file exists
 * @throws AuthError `STORAGE_WRITE_FAILED`; Overtaken
 */
export async function createTokenFile(
  access: Access,
  location: FileLocation,
  token: string,
  target: WriteTarget,
  recheck: Recheck,
): Promise<Written | null> {
  const path = pathOf(location);
  const bytes = Buffer.from(token);
  if (target.stats !== null) return null;
  const opening = openToFlush(access, target.directory.path);
  let isCreated = false;
  try {
    const copy = await writeCopy(access, target.directory, bytes);
    try {
      await recheck();
      isCreated = await nameOrFill(access, target, copy, bytes);
    } finally {
      await remove(access, copy);
    }
  } catch (error) {
    if (error instanceof Overtaken) throw error;
    throw asWriteFailure(access, path, error);
  } finally {
    if (!isCreated) await closeUnflushed(access, await opening);
  }
  if (!isCreated) return null;
  await confirm(access, path, await opening);
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
