import fs from "node:fs";
import { dirname } from "node:path";

const { O_CREAT, O_DIRECTORY = 0, O_EXCL, O_NOFOLLOW = 0, O_RDONLY, O_WRONLY } = fs.constants;

let count = 0;

type Fsync = (fd: number) => void | Promise<void>;

/** Blocks the process until the disk is done. */
export const blocking: Fsync = (fd) => fs.fsyncSync(fd);

/** Does not block the process. */
export const waiting: Fsync = (fd) =>
  new Promise((resolve, reject) => fs.fsync(fd, (error) => (error ? reject(error) : resolve())));

/**
 * The minimum of system calls that store a token durably: write a new, private file, flush it, rename it over the old
 * one, and flush the directory. No checks, no symbolic links, no files that cannot be replaced.
 *
 * @returns the total milliseconds, and those for the directory
 */
export async function saveWithBareCalls(
  target: string,
  token: string,
  fsync: Fsync,
): Promise<{ all: number; directory: number }> {
  const started = performance.now();
  count += 1;
  const copy = `${target}.${count}`;
  const fd = fs.openSync(copy, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  fs.writeSync(fd, token);
  await fsync(fd);
  fs.closeSync(fd);
  fs.renameSync(copy, target);
  const renamed = performance.now();
  await flushDirectory(dirname(target), fsync);
  const ended = performance.now();
  return { all: ended - started, directory: ended - renamed };
}

export async function flushDirectory(path: string, fsync: Fsync): Promise<void> {
  const fd = fs.openSync(path, O_RDONLY | O_DIRECTORY);
  await fsync(fd);
  fs.closeSync(fd);
}
