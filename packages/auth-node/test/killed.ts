import fs from "node:fs";
import { onTestFinished } from "vitest";
import type { FileSystem } from "../src/file/file-system.ts";
import { poolFileSystem } from "../src/file/pool-file-system.ts";

export interface Killed {
  readonly io: FileSystem;
  /** Whether the process was killed. */
  died(): boolean;
}

/**
 * The file system of a process that is killed before the nth call that changes something: that call and all later ones
 * do nothing. Flushing is skipped unless counted, because it takes most of the time.
 */
export function killedBefore(nth: number): Killed {
  const open = new Set<number>();
  let changes = 0;
  let dead = false;
  const alive = <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      if (dead) throw new Error("killed");
      return call(...args);
    };
  };
  const changing = <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    alive(async (...args: Args): Promise<T> => {
      changes += 1;
      dead = changes >= nth;
      if (dead) throw new Error("killed");
      return call(...args);
    });
  const real = poolFileSystem;
  const close = async (fd: number) => {
    if (open.delete(fd)) await real.close(fd);
  };
  onTestFinished(() => {
    for (const fd of open) fs.closeSync(fd);
  });
  const created = changing(real.open);
  const opened = alive(real.open);
  return {
    died: () => dead,
    io: {
      async open(path, flags, mode) {
        const fd = await ((flags & fs.constants.O_CREAT) === 0 ? opened : created)(path, flags, mode);
        open.add(fd);
        return fd;
      },
      close: alive(close),
      fstat: alive(real.fstat),
      read: alive(real.read),
      write: changing(real.write),
      fsync: alive(async () => {}),
      ftruncate: changing(real.ftruncate),
      fchmod: changing(real.fchmod),
      fchown: changing(real.fchown),
      lstat: alive(real.lstat),
      stat: alive(real.stat),
      readlink: alive(real.readlink),
      realpath: alive(real.realpath),
      rename: changing(real.rename),
      link: changing(real.link),
      unlink: changing(real.unlink),
      mkdir: changing(real.mkdir),
      chmod: changing(real.chmod),
      readdir: alive(real.readdir),
      access: alive(real.access),
    },
  };
}
