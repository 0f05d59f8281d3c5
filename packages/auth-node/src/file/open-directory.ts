import { basename, dirname, relative, sep } from "node:path";
import type { Access } from "./access.ts";
import type { FileStats } from "./file-system.ts";
import { followLinks } from "./follow-links.ts";
import { codeOf, Rejected } from "./fs-errors.ts";
import type { FileLocation } from "./location.ts";

export interface FoundDirectory {
  /** Where the files are looked for: of a workspace of a list, without links. */
  readonly path: string;
  readonly stats: FileStats;
  /** Out of which no link may lead. */
  readonly boundary?: string;
}

/**
 * The directory of a location; `null` when it does not exist. The configs directory itself is whatever the operator
 * names, behind links too. That of a workspace of a list is a real directory: as a link it could be its neighbour's.
 */
export async function findDirectory(
  access: Access,
  { configsDir, root }: FileLocation,
): Promise<FoundDirectory | null> {
  try {
    if (root === null) return { path: configsDir, stats: await access.io.stat(configsDir) };
    const isBelow = configsDir.startsWith(root + sep);
    const start = await access.io.realpath(isBelow ? root : dirname(configsDir));
    const way = dirname(relative(isBelow ? root : dirname(configsDir), configsDir));
    const parent = await followLinks(access, start, way);
    if (parent.stats === null) return null;
    const path = `${parent.path}${sep}${basename(configsDir)}`;
    const stats = await access.io.lstat(path);
    if (stats.isSymbolicLink()) {
      throw new Rejected(
        `${path} is a symbolic link, and the directory of a workspace has to be one of its own. Replace the link by the directory.`,
      );
    }
    if (!stats.isDirectory()) {
      throw Object.assign(new Error(`${path} is not a directory`), { code: "ENOTDIR" });
    }
    return { path, stats, boundary: path };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}
