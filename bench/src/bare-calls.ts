import fs from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";

const { O_CREAT, O_DIRECTORY = 0, O_EXCL, O_NOFOLLOW = 0, O_RDONLY, O_WRONLY } = fs.constants;

const CREATE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
const DIRECTORY = O_RDONLY | O_DIRECTORY;

const [open, write, close, rename] = [
  promisify(fs.open),
  promisify<number, string, number>(fs.write),
  promisify(fs.close),
  promisify(fs.rename),
];

let count = 0;

type Fsync = (fd: number) => void | Promise<void>;

/** Blocks the process until the disk is done. */
export const blocking: Fsync = (fd) => fs.fsyncSync(fd);

/** Does not block the process. */
export const waiting: Fsync = (fd) =>
  new Promise((resolve, reject) => fs.fsync(fd, (error) => (error ? reject(error) : resolve())));

/** Milliseconds. */
interface SaveTimes {
  readonly all: number;
  /** Those for the directory. */
  readonly directory: number;
}

/**
 * The minimum of system calls that store a token durably: write a new, private file, flush it, rename it over the old
 * one, and flush the directory. No checks, no symbolic links, no files that cannot be replaced. All calls but `fsync`
 * block the process.
 */
export async function saveWithBareCalls(target: string, token: string, fsync: Fsync): Promise<SaveTimes> {
  const started = performance.now();
  const copy = copyOf(target);
  const fd = fs.openSync(copy, CREATE, 0o600);
  fs.writeSync(fd, token);
  await fsync(fd);
  fs.closeSync(fd);
  fs.renameSync(copy, target);
  const renamed = performance.now();
  await flushDirectory(dirname(target), fsync);
  const ended = performance.now();
  return { all: ended - started, directory: ended - renamed };
}

/** The same calls, none of which blocks the process: on a network file system each of them may hang. */
export async function saveAsynchronously(target: string, token: string): Promise<SaveTimes> {
  const started = performance.now();
  const copy = copyOf(target);
  const fd = await open(copy, CREATE, 0o600);
  await write(fd, token);
  await waiting(fd);
  await close(fd);
  await rename(copy, target);
  const renamed = performance.now();
  const directory = await open(dirname(target), DIRECTORY);
  await waiting(directory);
  await close(directory);
  const ended = performance.now();
  return { all: ended - started, directory: ended - renamed };
}

const copyOf = (target: string): string => {
  count += 1;
  return `${target}.${count}`;
};

export async function flushDirectory(path: string, fsync: Fsync): Promise<void> {
  const fd = fs.openSync(path, DIRECTORY);
  await fsync(fd);
  fs.closeSync(fd);
}
