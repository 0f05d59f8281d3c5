import fs from "node:fs";
import { join } from "node:path";
import { TOKEN_FILE } from "./configs-dir.ts";
import { ourUid } from "./fs-errors.ts";

/** Longer than any save takes: a younger file may belong to a save that is under way. */
const ABANDONED_AFTER_MS = 10 * 60_000;

const HEX = "[0-9a-f]";
const PATTERN = new RegExp(
  `^\\${TOKEN_FILE}\\.${HEX}{8}-${HEX}{4}-4${HEX}{3}-[89ab]${HEX}{3}-${HEX}{12}\\.tmp$`,
);

/** Random, because process ids repeat: two containers that share a directory may both have pid 7. */
export function temporaryName(): string {
  return `${TOKEN_FILE}.${crypto.randomUUID()}.tmp`;
}

/**
 * Removes what saves that were killed have left in a directory: regular files of ours, named exactly as ours are and
 * older than ten minutes. Never fails: it is about tidiness, and the save it follows has succeeded.
 */
export async function sweep(directory: string): Promise<void> {
  for (const name of await namesIn(directory)) {
    if (!PATTERN.test(name)) continue;
    const path = join(directory, name);
    try {
      const found = fs.lstatSync(path);
      const abandoned = Date.now() - found.mtimeMs > ABANDONED_AFTER_MS;
      const uid = ourUid();
      if (found.isFile() && abandoned && (uid === undefined || uid === found.uid)) fs.unlinkSync(path);
    } catch {
      // Gone already, or not ours to remove.
    }
  }
}

function namesIn(directory: string): Promise<string[]> {
  return new Promise((resolve) => {
    fs.readdir(directory, (error, names) => resolve(!error ? names : []));
  });
}
