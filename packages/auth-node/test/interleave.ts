import { basename } from "node:path";
import type { FileSystem } from "../src/file/file-system.ts";
import { poolFileSystem } from "../src/file/pool-file-system.ts";

/** Runs an action just before the file is opened for the nth time. */
export function beforeOpening(actions: Record<number, () => void>): Partial<FileSystem> {
  let times = 0;
  return {
    open(path, ...rest) {
      if (basename(path) === ".auth_token") {
        times += 1;
        actions[times]?.();
      }
      return poolFileSystem.open(path, ...rest);
    },
  };
}

/** Runs an action just after the content was read for the nth time. */
export function afterReading(action: (time: number) => void): Partial<FileSystem> {
  let times = 0;
  return {
    async read(...args) {
      const length = await poolFileSystem.read(...args);
      times += 1;
      action(times);
      return length;
    },
  };
}
