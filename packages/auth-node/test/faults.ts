import fs from "node:fs";
import type { FileSystem } from "../src/file/file-system.ts";
import { poolFileSystem } from "../src/file/pool-file-system.ts";
import { fsError } from "./token-directory.ts";

/** A call that always fails. */
export function fails(code: string, call: string): () => Promise<never> {
  return async () => {
    throw fsError(code, call);
  };
}

/** Fails as a rename over a mount point does. */
export function notReplaceable(code = "EBUSY"): Partial<FileSystem> {
  return { rename: fails(code, "rename") };
}

type Write = FileSystem["write"];

/** Intercepts the nth write to the file itself (not to a new file beside it). */
export function interceptWrites(
  file: string,
  take: (time: number, args: Parameters<Write>, real: Write) => Promise<number>,
): Partial<FileSystem> {
  let times = 0;
  return {
    async write(...args) {
      if (fs.fstatSync(args[0]).ino !== fs.statSync(file).ino) return poolFileSystem.write(...args);
      times += 1;
      return take(times, args, poolFileSystem.write);
    },
  };
}

/** Makes the selected fsync calls fail. */
export function failFlush(code: string, when: (fd: number) => boolean): Partial<FileSystem> {
  return {
    async fsync(fd) {
      if (when(fd)) throw fsError(code, "fsync");
      await poolFileSystem.fsync(fd);
    },
  };
}

export const isDirectory = (fd: number) => fs.fstatSync(fd).isDirectory();
