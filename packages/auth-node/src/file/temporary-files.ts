import { join } from "node:path";
import type { Access } from "./access.ts";
import type { FileStats } from "./file-system.ts";
import { ourUid } from "./user.ts";

/** Longer than any save takes: a younger file may belong to a save in flight. */
const ABANDONED_AFTER_MS = 10 * 60_000;

const HEX = "[0-9a-f]";
const PATTERN = new RegExp(
  `^\\.auth_token\\.${HEX}{8}-${HEX}{4}-4${HEX}{3}-[89ab]${HEX}{3}-${HEX}{12}\\.tmp$`,
);

/** Random, because process ids repeat: two containers that share a directory may both have pid 7. */
export function temporaryName(): string {
  return `.auth_token.${crypto.randomUUID()}.tmp`;
}

/**
 * Removes what killed saves have left in a directory: our own regular files with temporary names, older than ten
 * minutes. Never fails, because the save it follows has succeeded.
 */
export async function sweep({ io }: Access, directory: string): Promise<void> {
  for await (const { path, stats } of temporaryFiles(io, directory)) {
    const abandoned = Date.now() - stats.mtimeMs > ABANDONED_AFTER_MS;
    const uid = ourUid();
    if (!abandoned || (uid !== undefined && uid !== stats.uid)) continue;
    // Already removed, or not ours to remove.
    await io.unlink(path).catch(() => {});
  }
}

/** Whether all other hard links of a file are our own leftovers beside it, from a killed save. */
export async function isLinkedByUsOnly({ io }: Access, directory: string, file: FileStats): Promise<boolean> {
  let names = 1;
  for await (const { stats } of temporaryFiles(io, directory)) {
    if (stats.dev === file.dev && stats.ino === file.ino) names += 1;
  }
  return names >= file.nlink;
}

async function* temporaryFiles(io: Access["io"], directory: string) {
  const names = await io.readdir(directory).catch(() => []);
  for (const name of names) {
    if (!PATTERN.test(name)) continue;
    const path = join(directory, name);
    const stats = await io.lstat(path).catch(() => null);
    if (stats?.isFile()) yield { path, stats };
  }
}
