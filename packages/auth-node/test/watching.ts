import fs from "node:fs";
import { expect, onTestFinished, vi } from "vitest";
import { fileTokenStorage } from "../src/file/file-token-storage.ts";
import { poolFileSystem } from "../src/file/pool-file-system.ts";
import { createChangeCounter } from "./change-counter.ts";
import { withFaults } from "./io.ts";

/** A storage watched until the test ends. */
export function watching(where: string | { readonly CONFIGS_DIR: string }) {
  const opened = vi.fn(poolFileSystem.open);
  const directory = typeof where === "string" ? { configsDir: where } : { env: where };
  const stat = vi.fn(poolFileSystem.stat);
  const storage = fileTokenStorage({ ...directory, io: withFaults({ open: opened, stat }) });
  const changes = createChangeCounter();
  const stop = storage.watch(changes.changed);
  onTestFinished(stop);
  return {
    storage,
    changes,
    stop,
    /** Called for each check of the file. */
    opened,
    /** Called for each directory on the path, and the file. */
    stat,
    /** Settles after the first check. */
    async armed() {
      const found = () => stat.mock.calls.findIndex(([path]) => String(path).endsWith(".auth_token"));
      await vi.waitFor(() => expect(stat.mock.settledResults[found()]?.type).toMatch(/fulfilled|rejected/), {
        interval: 2,
      });
      // A storage reads in the order of the calls, so this read waits for that of the check.
      await storage.read();
    },
  };
}

/** Overwrites in place, as many programs do, and restores the times. */
export function overwrite(file: string, text: string): void {
  const { atime, mtime } = fs.statSync(file);
  const fd = fs.openSync(file, "r+");
  fs.writeSync(fd, text, 0);
  fs.ftruncateSync(fd, text.length);
  fs.closeSync(fd);
  fs.utimesSync(file, atime, mtime);
}
