import { join, resolve } from "node:path";
import { checkToken, type Env, isAuthError, platformOrigin, type Signal } from "@x/auth-core";
import { type ConfigsDir, locateConfigsDir } from "../configs-dir.ts";
import { ownProperties } from "../own.ts";
import { type Access, beginAccess } from "./access.ts";
import { type Holding, readFor } from "./audience-store.ts";
import type { FileStats, FileSystem } from "./file-system.ts";
import { ELSEWHERE } from "./fs-errors.ts";
import { type FileLocation, pathOf, TOKEN_FILE } from "./location.ts";
import { whyReachedByOthers } from "./ownership.ts";
import { isReadableByOthers, permissionsOf } from "./permissions.ts";
import { poolFileSystem } from "./pool-file-system.ts";
import { type FileKind, kindOf } from "./read-token-file.ts";
import { ourUid } from "./user.ts";

/** What is where the token file should be. Without secrets. */
export interface TokenFileReport {
  /** The file's path, whether there is one or not. */
  readonly path: string;
  /** What named its directory: the option `configsDir`, or see `resolveConfigsDir`. */
  readonly source: ConfigsDir["source"] | "option";
  /** Whether anything is at that path, even a symbolic link to nothing. */
  readonly exists: boolean;
  /** What it is; behind a symbolic link, what that leads to, or `symlink` when it leads to nothing. */
  readonly kind: FileKind | null;
  /** Where a symbolic link leads in the end, or its text when that is nowhere; `null` when it is none. */
  readonly linkTarget: string | null;
  /** Permission bits, such as `0o600`. */
  readonly mode: number | null;
  /** The owner's user id. */
  readonly uid: number | null;
  /** In bytes. */
  readonly size: number | null;
  /** Whether this user owns it; `null` where that cannot be said (no file, Windows). */
  readonly ours: boolean | null;
  /**
   * Whether anybody but its owner may read or write it. Not said of a mounted Secret, which is root's and which this
   * process reads through its group: that is how such volumes are.
   */
  readonly readableByOthers: boolean;
  /** Why other users can put files into its directory, so that nothing is stored there; `null` when they cannot. */
  readonly directoryWritableByOthers: string | null;
  /** Whether a token can be read from it. */
  readonly holdsToken: boolean;
  /** The origin of the platform whose token it holds, when that is known not to be `platformUrl`'s; else `null`. */
  readonly otherPlatform: string | null;
  /**
   * What keeps a token from being read, or a new one from being stored there: for people, with the way out. `null` when
   * nothing does; a blank file is no problem, it counts as none.
   */
  readonly problem: string | null;
}

/** Which file is inspected: see `FileTokenStorageOptions`. */
export interface InspectTokenFileOptions {
  /** Where `CONFIGS_DIR` and `HOME` are read. Default: `process.env`. */
  readonly env?: Env;
  /** A directory instead of the one that `resolveConfigsDir` finds. */
  readonly configsDir?: string;
  /** The file's name in that directory. Default: `.auth_token`. */
  readonly fileName?: string;
  /** The platform whose token is looked for. Default: whichever it is. */
  readonly platformUrl?: string;
  /** For a workspace of a list: the list's directory, above `configsDir`. */
  readonly root?: string;
  /** The calls of the file system. Default: `poolFileSystem`. */
  readonly io?: FileSystem;
  /** Aborts the inspection. */
  readonly signal?: Signal;
}

/**
 * Inspects the token file and changes nothing: no mode is fixed, no directory created. What is wrong with the file
 * is in the report.
 *
 * @param options.env where `CONFIGS_DIR` and `HOME` are read. Default: `process.env`
 * @param options.configsDir a directory instead of the one that `resolveConfigsDir` finds
 * @param options.platformUrl the platform whose token is looked for. Default: whichever
 * @throws AuthError `STORAGE_READ_FAILED` when there is no configs directory to look into (see `resolveConfigsDir`)
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
  const origin = own.platformUrl === undefined ? null : platformOrigin(own.platformUrl);
  const read = await tryToRead(access, location, origin, isLink && found === null);
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
    otherPlatform: read.others[0] ?? null,
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
  origin: string | null,
  leadsNowhere: boolean,
): Promise<Omit<Holding, "token"> & { readonly problem: string | null }> {
  if (leadsNowhere) {
    const problem = "It is a symbolic link that leads nowhere. Remove the link, then save the token again.";
    return { stored: null, others: [], problem };
  }
  try {
    const { stored, others } = await readFor(access, location, origin);
    if (stored !== null) checkToken(stored);
    return { stored, others, problem: null };
  } catch (error) {
    access.signal?.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    // What was pasted in place of the token, by its name.
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
  return `No token is stored in ${directory}, because other users can put files into it: ${why}. Make it this user's alone (chmod 700, chown), ${ELSEWHERE} One below it, such as ${join(directory, "agent")}, is created for this user alone.`;
}

async function linkTargetOf(access: Access, path: string): Promise<string | null> {
  return (await quietly(access, access.io.realpath(path))) ?? quietly(access, access.io.readlink(path));
}

/** What cannot be found out is left out of the report; only an abort ends it. */
async function quietly<T>({ signal }: Access, call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}
