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

/** Which workspace's files are to be adopted, and for which platform. */
export interface AdoptFirstLayoutOptions {
  /** The directory of the whole list, absolute: see `resolveConfigsDir`. */
  readonly configsDir: string;
  /** Its id: `^[a-z0-9][a-z0-9-]{0,127}$`. */
  readonly workspaceId: string;
  /** The platform that the workspace is registered with, and whose its token is. */
  readonly platformUrl: string;
  /** Called with what happens to the files, without secrets. What it throws is ignored. */
  readonly onEvent?: (event: FileStorageEvent) => void;
  /** Aborts it between two steps; the next call goes on from there. */
  readonly signal?: Signal;
  /** The calls of the file system. Default: `poolFileSystem`. */
  readonly io?: FileSystem;
}

/** What a rename of the whole directory cannot do: it is a mount, not ours to move, or there is a directory already. */
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
 * The directory of a workspace of a list, `<configsDir>/workspaces/<audienceDirName(platformUrl)>/<workspaceId>`, after
 * whatever the first layout kept for it in `<configsDir>/workspaces/<workspaceId>` was moved there, once.
 *
 * The directory is renamed, in one step; where that cannot be, its token and its inbound secret are copied, durably, and
 * removed from the old place afterwards. A process may be killed at any point and the next call goes on. A token that was
 * moved for one platform is never given to another. Where nothing can be moved because everything is read-only, the old
 * directory is what is given.
 *
 * @throws AuthError `STORAGE_READ_FAILED` where something is in the old place that cannot be read, or is a link;
 * `STORAGE_WRITE_FAILED` where it cannot be moved; `WORKSPACE_ID_INVALID`, `PLATFORM_URL_INVALID`
 * @example
 * const place = await adoptFirstLayout({ configsDir, workspaceId: "agent-7", platformUrl });
 * const storage = fileTokenStorage({ ...place, platformUrl });
 */
export async function adoptFirstLayout(options: AdoptFirstLayoutOptions): Promise<WorkspaceDirectory> {
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
  // Only what nobody has begun to copy for a platform may be renamed as a whole.
  if (claims.length === 0 && (await renameWhole(move))) return to;
  return moveTokens(move, claims);
}

/** @returns whether there is a directory of the first layout */
async function isThere(access: Access, path: string): Promise<boolean> {
  let stats: FileStats;
  try {
    stats = await access.io.lstat(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw asReadFailure(access, join(path, TOKEN_FILE), error);
  }
  if (stats.isSymbolicLink()) {
    const why = `${path} is a symbolic link, and is not followed: the directory of a workspace is one of its own. Replace the link by the directory.`;
    throw asReadFailure(access, join(path, TOKEN_FILE), new Rejected(why));
  }
  return stats.isDirectory();
}

/** @returns whether it is done: by this process or by another one */
async function renameWhole({ access, emit, workspaces, from, to }: Move): Promise<boolean> {
  const path = join(to.configsDir, TOKEN_FILE);
  const parent = dirname(to.configsDir);
  try {
    await makeDirectories(access, parent);
    for (const directory of [workspaces, parent]) {
      const stats = await access.io.lstat(directory);
      // The copy says what is wrong with it.
      if (!stats.isDirectory() || (await whyReachedByOthers(access, directory, stats)) !== null) return false;
    }
    await access.io.rename(from.configsDir, to.configsDir);
    emit({ type: "token-file-adopted", path, from: join(from.configsDir, TOKEN_FILE) });
    await flushDirectory(access, parent);
    await flushDirectory(access, workspaces);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return true;
    if (NOT_RENAMEABLE.has(codeOf(error))) return false;
    throw asWriteFailure(access, path, error);
  }
}
