import fs from "node:fs";
import { expect, onTestFinished, vi } from "vitest";
import { fileTokenStorage } from "../src/file/file-token-storage.ts";
import { poolFileSystem } from "../src/file/pool-file-system.ts";
import { withFaults } from "./io.ts";
import { createNotices } from "./notices.ts";

/** A storage that is watched until the test ends. */
export function watching(where: string | { readonly CONFIGS_DIR: string }) {
  const opened = vi.fn(poolFileSystem.open);
  const directory = typeof where === "string" ? { configsDir: where } : { env: where };
  const storage = fileTokenStorage({ ...directory, io: withFaults({ open: opened }) });
  const notices = createNotices();
  const stop = storage.watch(notices.changed);
  onTestFinished(stop);
  return {
    storage,
    notices,
    stop,
    /** Called for each look at the file. */
    opened,
    /** Settles once the look is over with which watching begins, if nothing was read before. */
    async armed() {
      await vi.waitFor(() => expect(opened).toHaveBeenCalled(), { interval: 2 });
      // Its turn comes after that look.
      await storage.read();
    },
  };
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
