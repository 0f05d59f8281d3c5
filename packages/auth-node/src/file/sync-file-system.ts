import fs from "node:fs";
import type { FileSystem } from "./file-system.ts";

/**
 * The file system with blocking calls, for a dedicated worker thread: a call that hangs then blocks only that worker,
 * and no thread of the pool that the rest of the process needs for files and DNS. In the main thread, it blocks
 * everything.
 */
export const syncFileSystem: FileSystem = {
  open: async (path, flags, mode = 0o600) => fs.openSync(path, flags, mode),
  close: async (fd) => fs.closeSync(fd),
  fstat: async (fd) => fs.fstatSync(fd),
  read: async (fd, bytes, position) => fs.readSync(fd, bytes, 0, bytes.length, position),
  write: async (fd, bytes, position) => fs.writeSync(fd, bytes, 0, bytes.length, position),
  fsync: async (fd) => fs.fsyncSync(fd),
  ftruncate: async (fd, length) => fs.ftruncateSync(fd, length),
  fchmod: async (fd, mode) => fs.fchmodSync(fd, mode),
  fchown: async (fd, uid, gid) => fs.fchownSync(fd, uid, gid),
  lstat: async (path) => fs.lstatSync(path),
  stat: async (path) => fs.statSync(path),
  readlink: async (path) => fs.readlinkSync(path),
  realpath: async (path) => fs.realpathSync.native(path),
  rename: async (from, to) => fs.renameSync(from, to),
  link: async (existing, path) => fs.linkSync(existing, path),
  unlink: async (path) => fs.unlinkSync(path),
  mkdir: async (path, mode) => void fs.mkdirSync(path, mode),
  chmod: async (path, mode) => fs.chmodSync(path, mode),
  readdir: async (path) => fs.readdirSync(path),
  access: async (path, mode) => fs.accessSync(path, mode),
};
