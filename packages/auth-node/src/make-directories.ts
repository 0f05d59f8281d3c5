import fs from "node:fs";
import { dirname } from "node:path";
import { flushDirectory } from "./flush.ts";
import { codeOf } from "./fs-errors.ts";

/** Creates a directory and what is missing above it, for us alone, so that it survives a loss of power. */
export async function makeDirectories(path: string): Promise<void> {
  const missing: string[] = [];
  for (let at = path; !fs.existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  for (const directory of missing) {
    try {
      fs.mkdirSync(directory, 0o700);
      // A umask may have taken from the owner what the next step needs.
      if ((fs.statSync(directory).mode & 0o700) !== 0o700) fs.chmodSync(directory, 0o700);
    } catch (error) {
      // Somebody else was faster; that theirs is a directory shows at the next step.
      if (codeOf(error) !== "EEXIST") throw error;
    }
    await flushDirectory(dirname(directory));
  }
}
