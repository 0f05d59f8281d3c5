import { dirname, join, resolve } from "node:path";
import { platformOrigin, type Signal, validateWorkspaceId } from "@x/auth-core";
import { ownProperties } from "../own.ts";
import { type Access, beginAccess } from "./access.ts";
import { audienceDirName } from "./audience.ts";
import { createEmitFileEvent, type FileStorageEvent } from "./events.ts";
import type { FileStats, FileSystem } from "./file-system.ts";
import { flushDirectory } from "./flush.ts";
import { asReadFailure, asWriteFailure, codeOf, Rejected } from "./fs-errors.ts";
import { TOKEN_FILE } from "./location.ts";
import { makeDirectories } from "./make-directories.ts";
import { type Move, moveTokens, readClaims, type WorkspaceDirectory } from "./move-tokens.ts";
import { whyReachedByOthers } from "./ownership.ts";
import { poolFileSystem } from "./pool-file-system.ts";

/** The workspace whose files to migrate, and its platform. */
export interface MigrateFirstLayoutOptions {
  /** The directory shared by all workspaces, absolute: see `resolveConfigsDir`. */
  readonly configsDir: string;
  /** The workspace's id: `^[a-z0-9][a-z0-9-]{0,127}$`. */
  readonly workspaceId: string;
  /** The platform that the workspace is registered with, and that its token is for. */
  readonly platformUrl: string;
  /** Receives events about the files, without secrets. Errors it throws are ignored. */
  readonly onEvent?: (event: FileStorageEvent) => void;
  /** Aborts between two steps; the next call continues from there. */
  readonly signal?: Signal;
  /** The file system calls. Default: `poolFileSystem`. */
  readonly io?: FileSystem;
}

/** The whole directory cannot be renamed: it is a mount, belongs to another user, or the target exists. */
const NOT_RENAMEABLE = new Set([
  "EACCES",
  "EBUSY",
  "EEXIST",
  "EINVAL",
  "ENOTEMPTY",
  "EPERM",
  "EROFS",
  "EXDEV",
]);

/**
 * Returns the directory of one of several workspaces,
 * `<configsDir>/workspaces/<audienceDirName(platformUrl)>/<workspaceId>`, after migrating the workspace's files from
 * the first layout, `<configsDir>/workspaces/<workspaceId>`, once.
 *
 * It renames the directory atomically if possible; otherwise it copies the token and the inbound secret durably and
 * then removes the originals. After a kill at any point, the next call continues. A token migrated for one platform is
 * never used for another. If everything is read-only, it returns the old directory.
 *
 * @throws AuthError `STORAGE_READ_FAILED` if the old directory holds something unreadable, or a link;
 * `STORAGE_WRITE_FAILED` if its content cannot be moved; `WORKSPACE_ID_INVALID`, `PLATFORM_URL_INVALID`
 * @example
 * const directory = await migrateFirstLayout({ configsDir, workspaceId: "0f8fad5b-d9cb-469f-a165-70867728950e", platformUrl });
 * const storage = fileTokenStorage({ ...directory, platformUrl });
 */
export async function migrateFirstLayout(options: MigrateFirstLayoutOptions): Promise<WorkspaceDirectory> {
  const { workspaceId, platformUrl, onEvent, signal, io, ...own } = ownProperties(options);
  const configsDir = resolve(own.configsDir);
  const access = beginAccess(io ?? poolFileSystem, signal);
  const emit = createEmitFileEvent(onEvent);
  const id = validateWorkspaceId(workspaceId);
  const workspaces = join(configsDir, "workspaces");
  const from = { configsDir: join(workspaces, id), root: configsDir };
  const to = { configsDir: join(workspaces, audienceDirName(platformUrl), id), root: configsDir };
  if (!(await isThere(access, from.configsDir))) return to;
  const move: Move = { access, emit, workspaces, id, from, to, origin: platformOrigin(platformUrl) };
  const claims = await readClaims(move);
  // The whole directory may be renamed only if no copy for a platform has been started.
  if (claims.length === 0 && (await renameWhole(move))) return to;
  return moveTokens(move, claims);
}

/** @returns whether the first layout's directory exists */
async function isThere(access: Access, path: string): Promise<boolean> {
  let stats: FileStats;
  try {
    stats = await access.io.lstat(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw asReadFailure(access, join(path, TOKEN_FILE), error);
  }
  if (stats.isSymbolicLink()) {
    const why = `${path} is a symbolic link, and is not followed: each workspace needs its own directory. Replace the link with a directory.`;
    throw asReadFailure(access, join(path, TOKEN_FILE), new Rejected(why));
  }
  return stats.isDirectory();
}

/** @returns whether the directory has been renamed, by this process or another one */
async function renameWhole({ access, emit, workspaces, from, to }: Move): Promise<boolean> {
  const path = join(to.configsDir, TOKEN_FILE);
  const parent = dirname(to.configsDir);
  try {
    await makeDirectories(access, parent);
    for (const directory of [workspaces, parent]) {
      const stats = await access.io.lstat(directory);
      // The copy reports what is wrong.
      if (!stats.isDirectory() || (await whyReachedByOthers(access, directory, stats)) !== null) return false;
    }
    await access.io.rename(from.configsDir, to.configsDir);
    emit({ type: "token-file-migrated", path, from: join(from.configsDir, TOKEN_FILE) });
    await flushDirectory(access, parent);
    await flushDirectory(access, workspaces);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return true;
    if (NOT_RENAMEABLE.has(codeOf(error))) return false;
    throw asWriteFailure(access, path, error);
  }
}
