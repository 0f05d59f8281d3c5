import fs, { type Stats } from "node:fs";

/**
 * Files in directories that agents can write to: anything may be at their paths. Opens only a regular file without a
 * second name, follows no link, and never blocks.
 */

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY, O_RDWR } = fs.constants;

/** Why a file is not used, as a sentence to append to its path. */
export class ForeignFileError extends Error {
  override readonly name = "ForeignFileError";
}

export interface OpenFile {
  readonly fd: number;
  readonly size: number;
}

export interface FileToAppend extends OpenFile {
  readonly isNew: boolean;
}

/** @returns `null` when the file does not exist */
export function openToRead(path: string): OpenFile | null {
  return openExisting(path, O_RDONLY);
}

/**
 * Also opens it for reading. A new file is accessible to its owner alone; as root, to the owner of its directory.
 *
 * @throws ForeignFileError
 */
export function openToAppend(path: string): FileToAppend {
  const found = openExisting(path, O_RDWR | O_APPEND);
  if (found !== null) return { ...found, isNew: false };
  return { fd: createFile(path), size: 0, isNew: true };
}

/** Creates a file; fails when the path exists. */
export function createFile(path: string): number {
  return fs.openSync(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
}

function openExisting(path: string, flags: number): OpenFile | null {
  // Opening a device may have side effects, so this check comes first.
  const entry = fs.lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return null;
  refuseUnlessPlain(entry);
  const fd = fs.openSync(path, flags | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = fs.fstatSync(fd);
    refuseUnlessPlain(stats);
    return { fd, size: stats.size };
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

function refuseUnlessPlain(stats: Stats): void {
  if (!stats.isFile()) throw new ForeignFileError(`it is a ${kindOf(stats)}, not a file. Move it away.`);
  if (stats.nlink > 1) {
    throw new ForeignFileError("the file has a second name (a hard link). Move it away.");
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "directory";
  if (stats.isFIFO()) return "pipe";
  if (stats.isSocket()) return "socket";
  return stats.isSymbolicLink() ? "symbolic link" : "device";
}

/** As root, gives a new file or directory to the owner of its parent directory. */
export function giveToOwnerOf(directory: string, fd: number): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = fs.statSync(directory);
  fs.fchownSync(fd, uid, gid);
}

export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at);
}

/** Reads up to `length` bytes from `position`. */
export function readAt(fd: number, length: number, position: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let at = 0;
  while (at < length) {
    const count = fs.readSync(fd, buffer, at, length - at, position + at);
    if (count === 0) break;
    at += count;
  }
  return buffer.subarray(0, at);
}

/** Makes new names in a directory survive a power loss, if the file system can. */
export function flushDirectory(path: string): void {
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, O_RDONLY);
    fs.fsyncSync(fd);
  } catch (error) {
    const { code }: NodeJS.ErrnoException = error instanceof Error ? error : new Error();
    if (!["EACCES", "EBADF", "EINVAL", "EISDIR", "ENOSYS", "ENOTSUP", "EPERM"].includes(code ?? ""))
      throw error;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}
