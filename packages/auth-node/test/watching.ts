import fs from "node:fs";
import { expect, onTestFinished } from "vitest";
import { fileTokenStorage } from "../src/token-file.ts";
import { createNotices } from "./notices.ts";

/** A storage that is watched until the test ends. */
export function watching(configsDir: string) {
  const storage = fileTokenStorage({ configsDir });
  const notices = createNotices();
  const stop = storage.watch?.(notices.changed) ?? expect.unreachable("it can be watched");
  onTestFinished(stop);
  return { storage, notices, stop };
}

/** Overwrites as a program does that knows nothing of renames, and leaves the times as they were. */
export function overwrite(file: string, text: string): void {
  const { atime, mtime } = fs.statSync(file);
  const fd = fs.openSync(file, "r+");
  fs.writeSync(fd, text, 0);
  fs.ftruncateSync(fd, text.length);
  fs.closeSync(fd);
  fs.utimesSync(file, atime, mtime);
}
