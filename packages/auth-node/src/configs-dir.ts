import fs from "node:fs";
import os from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { AuthError, type Env } from "@x/auth-core";
import type { FileSystem } from "./file/file-system.ts";
import { ownProperties, ownVariable } from "./own.ts";

/** The directory of a workspace's files, and how it was determined. */
export interface ConfigsDir {
  /** Absolute. It need not exist: it is created on the first write. */
  readonly path: string;
  /** `CONFIGS_DIR`, the container's `/configs`, or the home directory. */
  readonly source: "env" | "container" | "home";
}

const CONTAINER_DIR = "/configs";
const HOME_DIR = ".molecule-workspace";

/**
 * Resolves the configs directory by the platform's rule: `CONFIGS_DIR`; else `/configs`, if it is a directory that this
 * user may write to; else `.molecule-workspace` in the home directory (`HOME`, else from the system).
 *
 * Checks again on each call, and creates nothing. A blank `CONFIGS_DIR` counts as unset, a relative one is resolved
 * against the working directory, and a leading `~` is the home directory.
 *
 * @param options.env the environment variables. Default: `process.env`
 * @throws AuthError `STORAGE_READ_FAILED` without a home directory (`HOME` is empty or relative), or if the working
 * directory of a relative path no longer exists
 * @example
 * resolveConfigsDir({ env: { CONFIGS_DIR: "/srv/agent" } }); // { path: "/srv/agent", source: "env" }
 */
export function resolveConfigsDir(options: { readonly env?: Env } = {}): ConfigsDir {
  const { env = process.env } = ownProperties(options);
  return findConfigsDir(env, CONTAINER_DIR);
}

/** With the container directory as a parameter, because tests cannot own `/configs`. */
export function findConfigsDir(env: Env, containerDir: string): ConfigsDir {
  return named(env) ?? (isWritableDirectory(containerDir) ? container(containerDir) : inHome(env));
}

/** How to determine a storage's or report's directory: its own option, or the platform's rule. */
export interface ConfigsDirOptions {
  readonly env?: Env;
  readonly configsDir?: string;
}

export interface FoundConfigsDir {
  readonly path: string;
  readonly source: ConfigsDir["source"] | "option";
}

/**
 * Determines a storage's directory. Accesses the file system through `io`.
 *
 * @param base what a relative path is resolved against. Default: the working directory
 */
export async function locateConfigsDir(
  options: ConfigsDirOptions,
  io: FileSystem,
  base?: string,
): Promise<FoundConfigsDir> {
  const env = options.env ?? process.env;
  const found = given(options, env, base);
  if (found !== null) return found;
  return (await isWritable(io, CONTAINER_DIR)) ? container(CONTAINER_DIR) : inHome(env);
}

/**
 * The same synchronously, for a storage's `location`.
 *
 * @param last the last result, used wherever the file system would have to be accessed
 */
export function locateConfigsDirNow(
  options: ConfigsDirOptions,
  last: FoundConfigsDir | null,
  base?: string,
): FoundConfigsDir {
  const env = options.env ?? process.env;
  const found = given(options, env, base);
  if (found !== null) return found;
  if (last?.source === "container" || last?.source === "home") return last;
  return findConfigsDir(env, CONTAINER_DIR);
}

function given({ configsDir }: ConfigsDirOptions, env: Env, base?: string): FoundConfigsDir | null {
  const path = configsDir?.trim();
  if (!path) return named(env, base);
  return { path: absolute(path, { name: "configsDir", env, prefix: NO_DIRECTORY, base }), source: "option" };
}

function named(env: Env, base?: string): ConfigsDir | null {
  const path = ownVariable(env, "CONFIGS_DIR");
  if (!path) return null;
  return { path: absolute(path, { name: "CONFIGS_DIR", env, prefix: NO_DIRECTORY, base }), source: "env" };
}

function container(path: string): ConfigsDir {
  return { path, source: "container" };
}

function inHome(env: Env): ConfigsDir {
  return { path: join(homeOf(env, NO_DIRECTORY), HOME_DIR), source: "home" };
}

function isWritableDirectory(path: string): boolean {
  try {
    fs.accessSync(path, fs.constants.W_OK);
    return fs.statSync(path).isDirectory();
  } catch {
    return false;
  }
}

async function isWritable(io: FileSystem, path: string): Promise<boolean> {
  try {
    await io.access(path, fs.constants.W_OK);
    return (await io.stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function homeOf(env: Env, prefix: string): string {
  const home = ownVariable(env, "HOME") ?? homeOfSystem(prefix);
  if (isAbsolute(home)) return home;
  const way =
    prefix === NO_DIRECTORY
      ? "Set HOME, or CONFIGS_DIR, to an absolute path."
      : "Set it to an absolute path.";
  throw failure(
    prefix + (home === "" ? `HOME is empty. ${way}` : `HOME (${home}) is not an absolute path. ${way}`),
  );
}

function homeOfSystem(prefix: string): string {
  try {
    return os.homedir();
  } catch (cause) {
    // A container may run as a user that is not in the system's user database.
    throw failure(`${prefix}this user has no home directory. Set CONFIGS_DIR or HOME.`, cause);
  }
}

/** The name of a path, and the environment with its home directory. */
export interface FilePathOptions {
  /** What the path was given as, for the error: a flag or an environment variable. */
  readonly name: string;
  /** The environment with `HOME`. @default process.env */
  readonly env?: Env;
}

/**
 * Makes a user-supplied path absolute. A leading `~` is the home directory, as in a shell, because no shell processes
 * the paths of a unit or compose file; a relative path is resolved against the working directory.
 *
 * @throws AuthError `STORAGE_READ_FAILED` for another user's home directory, an empty or relative `HOME`, a URL,
 * quotes, an unexpanded variable, or a working directory that no longer exists
 * @example
 * resolveFilePath("~/workspaces.json", { name: "--workspaces-file" });
 */
export function resolveFilePath(path: string, options: FilePathOptions): string {
  const { name, env = process.env } = ownProperties(options);
  return absolute(path.trim(), { name, env, prefix: "" });
}

interface Written {
  readonly name: string;
  readonly env: Env;
  /** Goes before the problem. */
  readonly prefix: string;
  readonly base?: string | undefined;
}

/** No shell expands a path in a unit or compose file: taken literally, `~` would be a directory named `~`. */
function absolute(path: string, { name, env, prefix, base = "" }: Written): string {
  // The usual case, and this runs several times in each save.
  if (isAbsolute(path) && !path.includes("$")) return resolve(path);
  const tilde = /^~(?<user>[^/\\]*)(?<rest>.*)$/s.exec(path)?.groups;
  if (tilde?.user) {
    throw failure(
      `${prefix}${name} (${path}) starts with another user's home directory. Use an absolute path.`,
    );
  }
  const isUrl = URL_SCHEME.test(path);
  if (isUrl || UNREPLACED.test(path)) {
    const what = isUrl ? "is a URL" : "contains quotes or an unexpanded variable";
    throw failure(`${prefix}${name} (${path}) ${what}. Use the plain path.`);
  }
  if (tilde) return resolve(homeOf(env, prefix || `${name}: `), `.${tilde.rest}`);
  try {
    return resolve(base, path);
  } catch (cause) {
    const what = prefix === "" ? `${name} (${path})` : path;
    throw failure(
      `${prefix}${what} is relative to the working directory, which no longer exists. Use an absolute path.`,
      cause,
    );
  }
}

/**
 * A leading `$HOME/…`, `%h/…` (systemd) or `%USERPROFILE%\…`; `${…}` or `$(…)` (Kubernetes leaves an unknown one) anywhere;
 * or surrounding quotes.
 */
const UNREPLACED = /^(\$[A-Za-z_({]|%h\/|%\w+%|(["']).*\2$)|\$(\{.+\}|\(.+\))/s;

/** Not a drive: its name is one letter. */
const URL_SCHEME = /^[a-z][a-z\d+.-]+:\//i;

const NO_DIRECTORY = "There is no directory for the token: ";

function failure(message: string, cause?: unknown): AuthError {
  return new AuthError("STORAGE_READ_FAILED", message, { cause });
}
