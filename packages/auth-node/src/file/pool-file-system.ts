import fs from "node:fs";
import type { FileSystem } from "./file-system.ts";

type Done<T> = (error: Error | null, value: T) => void;

function result<T>(start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (!error ? resolve(value) : reject(error)));
  });
}

function completion(start: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (!error ? resolve() : reject(error)));
  });
}

/**
 * The file system through Node's thread pool, so that slow calls do not block the main thread. The pool has four
 * threads for the whole process, including DNS, so four calls that hang exhaust it, and one operation makes up to three
 * at a time. `syncFileSystem` in a worker does not use the pool.
 */
export const poolFileSystem: FileSystem = {
  open: (path, flags, mode = 0o600) => result<number>((done) => fs.open(path, flags, mode, done)),
  close: (fd) => completion((done) => fs.close(fd, done)),
  fstat: (fd) => result<fs.Stats>((done) => fs.fstat(fd, done)),
  read: (fd, bytes, position) =>
    result<number>((done) => fs.read(fd, bytes, 0, bytes.length, position, done)),
  write: (fd, bytes, position) =>
    result<number>((done) => fs.write(fd, bytes, 0, bytes.length, position, done)),
  fsync: (fd) => completion((done) => fs.fsync(fd, done)),
  ftruncate: (fd, length) => completion((done) => fs.ftruncate(fd, length, done)),
  fchmod: (fd, mode) => completion((done) => fs.fchmod(fd, mode, done)),
  fchown: (fd, uid, gid) => completion((done) => fs.fchown(fd, uid, gid, done)),
  lstat: (path) => result<fs.Stats>((done) => fs.lstat(path, done)),
  stat: (path) => result<fs.Stats>((done) => fs.stat(path, done)),
  readlink: (path) => result<string>((done) => fs.readlink(path, done)),
  realpath: (path) => result<string>((done) => fs.realpath.native(path, done)),
  rename: (from, to) => completion((done) => fs.rename(from, to, done)),
  link: (existing, path) => completion((done) => fs.link(existing, path, done)),
  unlink: (path) => completion((done) => fs.unlink(path, done)),
  mkdir: (path, mode) => completion((done) => fs.mkdir(path, mode, done)),
  chmod: (path, mode) => completion((done) => fs.chmod(path, mode, done)),
  readdir: (path) => result<string[]>((done) => fs.readdir(path, done)),
  access: (path, mode) => completion((done) => fs.access(path, mode, done)),
};
