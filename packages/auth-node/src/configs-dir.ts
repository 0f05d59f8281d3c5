import fs from "node:fs";
import os from "node:os";
import { join, resolve } from "node:path";
import { AuthError, type Env } from "@x/auth-core";

/** Where a workspace's files are kept, and what said so. */
export interface ConfigsDir {
  /** Absolute. It need not exist: it is created when something is written. */
  readonly path: string;
  /** `CONFIGS_DIR`, the container's `/configs`, or the home directory. */
  readonly source: "env" | "container" | "home";
}

const CONTAINER_DIR = "/configs";
const HOME_DIR = ".molecule-workspace";
export const TOKEN_FILE = ".auth_token";

/**
 * The configs directory, by the platform's rule: `CONFIGS_DIR`; else `/configs`, if it is a directory that this user
 * may write to; else `.molecule-workspace` in the home directory (`HOME`, else what the system says).
 *
 * It only looks, each time afresh, and creates nothing. A blank variable counts as absent, a relative one starts at the
 * working directory.
 *
 * @param options.env where the variables are looked up. Default: `process.env`
 * @throws AuthError `STORAGE_READ_FAILED` when what is needed for that is not there: a home directory, or the
 * working directory of a relative path
 * @example
 * resolveConfigsDir({ env: { CONFIGS_DIR: "/srv/agent" } }); // { path: "/srv/agent", source: "env" }
 */
export function resolveConfigsDir(options: { readonly env?: Env } = {}): ConfigsDir {
  return findConfigsDir(options.env ?? process.env, CONTAINER_DIR);
}

/** The same with another container directory, because tests cannot own `/configs`. */
export function findConfigsDir(env: Env, containerDir: string): ConfigsDir {
  const explicit = env.CONFIGS_DIR?.trim();
  if (explicit) return { path: absolute(explicit), source: "env" };
  if (isWritableDirectory(containerDir)) return { path: containerDir, source: "container" };
  return { path: absolute(join(homeOf(env), HOME_DIR)), source: "home" };
}

/** How a storage or a report finds its file: by an option of its own, or by the platform's rule. */
export interface FileLocation {
  readonly env?: Env;
  readonly configsDir?: string;
  readonly fileName?: string;
}

export function locateConfigs(options: FileLocation): {
  path: string;
  source: ConfigsDir["source"] | "option";
} {
  const own = options.configsDir?.trim();
  return own ? { path: absolute(own), source: "option" } : resolveConfigsDir(options);
}

export function locateTokenFile(options: FileLocation): string {
  return join(locateConfigs(options).path, options.fileName ?? TOKEN_FILE);
}

function isWritableDirectory(path: string): boolean {
  try {
    fs.accessSync(path, fs.constants.W_OK);
    return fs.statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function homeOf(env: Env): string {
  const home = env.HOME?.trim();
  if (home) return home;
  try {
    return os.homedir();
  } catch (cause) {
    // A container may run as a user that the system does not know.
    throw nowhere("this user has no home directory. Set CONFIGS_DIR or HOME.", cause);
  }
}

function absolute(path: string): string {
  try {
    return resolve(path);
  } catch (cause) {
    throw nowhere(`${path} starts at the working directory, which is gone. Set an absolute path.`, cause);
  }
}

function nowhere(why: string, cause: unknown): AuthError {
  return new AuthError("STORAGE_READ_FAILED", `There is no place for the token: ${why}`, { cause });
}
