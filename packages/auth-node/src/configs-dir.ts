import fs from "node:fs";
import os from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { AuthError, type Env } from "@x/auth-core";
import type { FileSystem } from "./file/file-system.ts";
import { ownProperties, ownVariable } from "./own.ts";

/** Where a workspace's files are kept, and what said so. */
export interface ConfigsDir {
  /** Absolute. It need not exist: it is created when something is written. */
  readonly path: string;
  /** `CONFIGS_DIR`, the container's `/configs`, or the home directory. */
  readonly source: "env" | "container" | "home";
}

const CONTAINER_DIR = "/configs";
const HOME_DIR = ".molecule-workspace";

/**
 * The configs directory, by the platform's rule: `CONFIGS_DIR`; else `/configs`, if it is a directory that this user
 * may write to; else `.molecule-workspace` in the home directory (`HOME`, else what the system says).
 *
 * It only looks, each time afresh, and creates nothing. A blank `CONFIGS_DIR` counts as absent, a relative one starts at
 * the working directory, and `~` at its start is the home directory.
 *
 * @param options.env where the environment variables are read. Default: `process.env`
 * @throws AuthError `STORAGE_READ_FAILED` when what is needed for that is not there: a home directory (`HOME` is empty
 * or relative), or the working directory of a relative path
 * @example
 * resolveConfigsDir({ env: { CONFIGS_DIR: "/srv/agent" } }); // { path: "/srv/agent", source: "env" }
 */
export function resolveConfigsDir(options: { readonly env?: Env } = {}): ConfigsDir {
  const { env = process.env } = ownProperties(options);
  return findConfigsDir(env, CONTAINER_DIR);
}

/** The same with another container directory, because tests cannot own `/configs`. */
export function findConfigsDir(env: Env, containerDir: string): ConfigsDir {
  return named(env) ?? (isWritableDirectory(containerDir) ? container(containerDir) : inHome(env));
}

/** How a storage or a report finds its directory: by its own option, or by the platform's rule. */
export interface ConfigsDirOptions {
  readonly env?: Env;
  readonly configsDir?: string;
}

export interface FoundConfigsDir {
  readonly path: string;
  readonly source: ConfigsDir["source"] | "option";
}

/** The rule for a storage. What it asks of the file system goes through `io`. */
export async function locateConfigsDir(options: ConfigsDirOptions, io: FileSystem): Promise<FoundConfigsDir> {
  const env = options.env ?? process.env;
  const given = byOption(options, env) ?? named(env);
  if (given !== null) return given;
  return (await isWritable(io, CONTAINER_DIR)) ? container(CONTAINER_DIR) : inHome(env);
}

/**
 * The same at once, for a storage's `location`.
 *
 * @param last what was found last: what the file system had to be asked for is taken from there
 */
export function locateConfigsDirNow(
  options: ConfigsDirOptions,
  last: FoundConfigsDir | null,
): FoundConfigsDir {
  const env = options.env ?? process.env;
  const given = byOption(options, env) ?? named(env);
  if (given !== null) return given;
  if (last?.source === "container" || last?.source === "home") return last;
  return findConfigsDir(env, CONTAINER_DIR);
}

function byOption({ configsDir }: ConfigsDirOptions, env: Env): FoundConfigsDir | null {
  const path = configsDir?.trim();
  return path ? { path: absolute(path, "configsDir", env), source: "option" } : null;
}

function named(env: Env): ConfigsDir | null {
  const path = ownVariable(env, "CONFIGS_DIR");
  return path ? { path: absolute(path, "CONFIGS_DIR", env), source: "env" } : null;
}

function container(path: string): ConfigsDir {
  return { path, source: "container" };
}

function inHome(env: Env): ConfigsDir {
  return { path: join(homeOf(env), HOME_DIR), source: "home" };
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

function homeOf(env: Env): string {
  const home = ownVariable(env, "HOME") ?? homeOfSystem();
  if (isAbsolute(home)) return home;
  throw nowhere(
    home === ""
      ? "HOME is empty. Set HOME, or CONFIGS_DIR, to an absolute path."
      : `HOME (${home}) is not an absolute path. Set HOME, or CONFIGS_DIR, to one.`,
  );
}

function homeOfSystem(): string {
  try {
    return os.homedir();
  } catch (cause) {
    // A container may run as a user that the system does not know.
    throw nowhere("this user has no home directory. Set CONFIGS_DIR or HOME.", cause);
  }
}

/** No shell has expanded the `~` of a unit file or a compose file: as it is, it would name a directory called `~`. */
function absolute(path: string, name: string, env: Env): string {
  const tilde = /^~(?<user>[^/\\]*)(?<rest>.*)$/s.exec(path)?.groups;
  if (tilde?.user) {
    throw nowhere(
      `${name} (${path}) begins with the home directory of another user. Write it as an absolute path.`,
    );
  }
  if (tilde) return resolve(homeOf(env), `.${tilde.rest}`);
  try {
    return resolve(path);
  } catch (cause) {
    throw nowhere(`${path} starts at the working directory, which is gone. Set an absolute path.`, cause);
  }
}

function nowhere(why: string, cause?: unknown): AuthError {
  return new AuthError("STORAGE_READ_FAILED", `There is no directory for the token: ${why}`, { cause });
}
