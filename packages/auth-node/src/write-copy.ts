import fs from "node:fs";
import { dirname, join } from "node:path";
import { makePrivate } from "./file-mode.ts";
import { flush } from "./flush.ts";
import { temporaryName } from "./temporary-files.ts";
import { writeAll } from "./write-all.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_WRONLY } = fs.constants;

/**
 * Writes a new file beside `target`, for us alone and on the disk when this settles. When it fails, nothing of it stays.
 *
 * @returns its path
 */
export async function writeCopyBeside(target: string, bytes: Uint8Array): Promise<string> {
  const path = join(dirname(target), temporaryName());
  let fd: number | undefined = fs.openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    // Created with 0600 it was never open to others, but a umask may have taken too much from its owner.
    makePrivate(fd);
    writeAll(fd, bytes, 0);
    await flush(fd);
    const written = fd;
    fd = undefined;
    // Some file systems tell only now that they could not keep what they took.
    fs.closeSync(written);
    return path;
  } catch (error) {
    if (fd !== undefined) fs.closeSync(fd);
    remove(path);
    throw error;
  }
}

/** The sweep after a later save takes what cannot be removed now. */
export function remove(path: string): void {
  try {
    fs.unlinkSync(path);
  } catch {
    // Gone already, or the file system has become read-only.
  }
}
