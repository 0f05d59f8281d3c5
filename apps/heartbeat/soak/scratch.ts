import { accessSync, constants, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Linux keeps this directory in memory. Flushing to disk is tested elsewhere; here it would only take time. */
const IN_MEMORY = "/dev/shm";

/** A new directory for the files of a run: below `parent` if given, else in memory if possible. */
export function scratchDirectory(name: string, parent?: string): string {
  return mkdtempSync(join(parent ?? (isWritable(IN_MEMORY) ? IN_MEMORY : tmpdir()), `${name}-`));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
