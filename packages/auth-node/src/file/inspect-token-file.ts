import { join, resolve } from "node:path";
import { checkToken, type Env, isAuthError, type Signal } from "@x/auth-core";
import { type ConfigsDir, locateConfigsDir } from "../configs-dir.ts";
import { ownProperties } from "../own.ts";
import { type Access, beginAccess } from "./access.ts";
import { type Audience, audienceOf } from "./audience.ts";
import { type Holding, readFor } from "./audience-store.ts";
import type { FileStats, FileSystem } from "./file-system.ts";
import { ELSEWHERE } from "./fs-errors.ts";
import { otherHolder } from "./holder.ts";
import { type FileLocation, pathOf, TOKEN_FILE } from "./location.ts";
import { whyReachedByOthers } from "./ownership.ts";
import { isReadableByOthers, permissionsOf } from "./permissions.ts";
import { poolFileSystem } from "./pool-file-system.ts";
import { type FileKind, kindOf } from "./read-token-file.ts";
import { ourUid } from "./user.ts";

/** The state of the token file. Contains no secrets. */
export interface TokenFileReport {
  /** The file's path, whether or not it exists. */
  readonly path: string;
  /** How its directory was determined: the option `configsDir`, or see `resolveConfigsDir`. */
  readonly source: ConfigsDir["source"] | "option";
  /** Whether the path exists, even as a dangling symbolic link. */
  readonly exists: boolean;
  /** Its kind; for a symbolic link, its target's, or `symlink` if it is dangling. */
  readonly kind: FileKind | null;
  /** The final target of a symbolic link, or its text if it is dangling; `null` if it is not a link. */
  readonly linkTarget: string | null;
  /** Permission bits, such as `0o600`. */
  readonly mode: number | null;
  /** The owner's user id. */
  readonly uid: number | null;
  /** In bytes. */
  readonly size: number | null;
  /** Whether this user owns it; `null` if unknown (no file, Windows). */
  readonly ours: boolean | null;
  /**
   * Whether users other than its owner may read or write it. False for a mounted Secret, which root owns and this
   * process reads through its group, as is normal for such volumes.
   */
  readonly readableByOthers: boolean;
  /** Why other users can put files into its directory, which prevents storing a token; `null` if they cannot. */
  readonly directoryWritableByOthers: string | null;
  /** Whether it holds a readable token. */
  readonly holdsToken: boolean;
  /** The platform whose token it holds, if known and not `platformUrl`'s; else `null`. */
  readonly otherPlatform: string | null;
  /** The workspace of this platform whose token it holds, if known and not `workspaceId`; else `null`. */
  readonly otherWorkspace: string | null;
  /**
   * What prevents reading the token or storing a new one there: for people, with what to do. `null` if nothing does; a
   * blank file counts as none, and is not a problem.
   */
  readonly problem: string | null;
}

/** Which file to inspect: see `FileTokenStorageOptions`. */
export interface InspectTokenFileOptions {
  /** The environment with `CONFIGS_DIR` and `HOME`. Default: `process.env`. */
  readonly env?: Env;
  /** The directory, instead of `resolveConfigsDir`'s. */
  readonly configsDir?: string;
  /** The file's name in that directory. Default: `.auth_token`. */
  readonly fileName?: string;
  /** The platform whose token to look for. Default: any. */
  readonly platformUrl?: string;
  /** The workspace whose token to look for. Default: any. */
  readonly workspaceId?: string;
  /** For one of several workspaces: their shared directory, above `configsDir`. */
  readonly root?: string;
  /** The file system calls. Default: `poolFileSystem`. */
  readonly io?: FileSystem;
  /** Aborts the inspection. */
  readonly signal?: Signal;
}

/**
 * Inspects the token file without changing anything: it fixes no mode and creates no directory. Problems with the file
 * are part of the report.
 *
 * @param options.env the environment with `CONFIGS_DIR` and `HOME`. Default: `process.env`
 * @param options.configsDir the directory, instead of `resolveConfigsDir`'s
 * @param options.platformUrl the platform whose token to look for. Default: any
 * @param options.workspaceId the workspace whose token to look for. Default: any
 * @throws AuthError `STORAGE_READ_FAILED` without a configs directory to inspect (see `resolveConfigsDir`)
 * @example
 * const report = await inspectTokenFile();
 * if (report.problem !== null) console.error(`${report.path}: ${report.problem}`);
 */
export async function inspectTokenFile(options: InspectTokenFileOptions = {}): Promise<TokenFileReport> {
  const own = ownProperties(options);
  const access = beginAccess(own.io ?? poolFileSystem, own.signal);
  const { path: configsDir, source } = await locateConfigsDir(own, access.io);
  const location = {
    configsDir,
    fileName: own.fileName ?? TOKEN_FILE,
    root: own.root ? resolve(own.root) : null,
  };
  const path = pathOf(location);
  const entry = await quietly(access, access.io.lstat(path));
  const isLink = entry?.isSymbolicLink() ?? false;
  const found = isLink ? await quietly(access, access.io.stat(path)) : entry;
  const shown = found ?? entry;
  const audience = audienceOf(own.platformUrl, own.workspaceId);
  const read = await tryToRead(access, location, audience, isLink && found === null);
  const { platform: otherPlatform, workspace: otherWorkspace } = otherHolder(audience, read.others);
  const directory = await inspectDirectory(access, configsDir);
  return {
    path,
    source,
    exists: entry !== null,
    kind: shown === null ? null : kindOf(shown),
    linkTarget: isLink ? await linkTargetOf(access, path) : null,
    ...ownership(shown),
    readableByOthers: found?.isFile() ? isReadableByOthers(found) : false,
    directoryWritableByOthers: directory,
    holdsToken: read.stored !== null,
    otherPlatform,
    otherWorkspace,
    problem: read.problem ?? (directory === null ? null : reachable(configsDir, directory)),
  };
}

function ownership(stats: FileStats | null): Pick<TokenFileReport, "mode" | "uid" | "size" | "ours"> {
  if (stats === null) return { mode: null, uid: null, size: null, ours: null };
  const us = ourUid();
  const { uid, size } = stats;
  return { mode: permissionsOf(stats), uid, size, ours: us === undefined ? null : uid === us };
}

async function tryToRead(
  access: Access,
  location: FileLocation,
  audience: Audience | null,
  leadsNowhere: boolean,
): Promise<Omit<Holding, "token" | "from"> & { readonly problem: string | null }> {
  if (leadsNowhere) {
    const problem = "It is a dangling symbolic link. Remove the link, then save again.";
    return { stored: null, others: [], problem };
  }
  try {
    const { stored, others } = await readFor(access, location, audience);
    if (stored !== null) checkToken(stored);
    return { stored, others, problem: null };
  } catch (error) {
    access.signal?.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    // Names what was pasted instead of a token.
    const isPasted = isAuthError(error) && error.code === "TOKEN_INVALID";
    const problem = isPasted ? `The token in ${pathOf(location)} cannot be used. ${why}` : why;
    return { stored: null, others: [], problem };
  }
}

async function inspectDirectory(access: Access, path: string): Promise<string | null> {
  const stats = await quietly(access, access.io.stat(path));
  return stats === null ? null : whyReachedByOthers(access, path, stats);
}

function reachable(directory: string, why: string): string {
  return `No token is stored in ${directory}, because other users can put files into it: ${why}. Give it to this user alone (chown, chmod 700), ${ELSEWHERE} One below it, such as ${join(directory, "agent")}, is created for this user alone.`;
}

async function linkTargetOf(access: Access, path: string): Promise<string | null> {
  return (await quietly(access, access.io.realpath(path))) ?? quietly(access, access.io.readlink(path));
}

/** Leaves out of the report what cannot be determined; only an abort ends the inspection. */
async function quietly<T>({ signal }: Access, call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}
