import fs from "node:fs";
import { join } from "node:path";
import type { Env } from "@x/auth-core";
import { type ConfigsDir, locateConfigs, TOKEN_FILE } from "./configs-dir.ts";
import { isExposed, permissionsOf } from "./file-mode.ts";
import { ourUid } from "./fs-errors.ts";
import { type FileKind, kindOf, readTokenFile } from "./read-token-file.ts";

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
  /** Whether anybody but its owner may read or write it. */
  readonly exposed: boolean;
  /** Whether a token can be read from it. */
  readonly holdsToken: boolean;
  /**
   * What keeps a token from being read, or a new one from being stored there: for people, with the way out. `null` when
   * nothing does; a blank file is no problem, it counts as none.
   */
  readonly problem: string | null;
}

/**
 * Looks at the token file and changes nothing: no mode is tightened, no directory created. What is wrong with the file
 * is in the report.
 *
 * @param options.env where `CONFIGS_DIR` and `HOME` are looked up. Default: `process.env`
 * @param options.configsDir a directory of its own instead of the one that `resolveConfigsDir` finds
 * @throws AuthError `STORAGE_READ_FAILED` when there is no configs directory to look into (see `resolveConfigsDir`)
 * @example
 * const report = await inspectTokenFile();
 * if (report.problem !== null) console.error(`${report.path}: ${report.problem}`);
 */
export async function inspectTokenFile(
  options: { readonly env?: Env; readonly configsDir?: string } = {},
): Promise<TokenFileReport> {
  const { path: directory, source } = locateConfigs(options);
  const path = join(directory, TOKEN_FILE);
  const entry = quietly(() => fs.lstatSync(path));
  const isLink = entry?.isSymbolicLink() ?? false;
  const found = isLink ? quietly(() => fs.statSync(path)) : entry;
  const shown = found ?? entry;
  const { holdsToken, problem } = await tryToRead(path, isLink && found === null);
  return {
    path,
    source,
    exists: entry !== null,
    kind: shown === null ? null : kindOf(shown),
    linkTarget: isLink ? linkTargetOf(path) : null,
    mode: shown === null ? null : permissionsOf(shown),
    uid: shown?.uid ?? null,
    size: shown?.size ?? null,
    ours: shown === null || ourUid() === undefined ? null : shown.uid === ourUid(),
    exposed: found?.isFile() ? isExposed(found) : false,
    holdsToken,
    problem,
  };
}

async function tryToRead(
  path: string,
  leadsNowhere: boolean,
): Promise<Pick<TokenFileReport, "holdsToken" | "problem">> {
  if (leadsNowhere) {
    const problem = "It is a symbolic link that leads nowhere. Remove the link, then save the token again.";
    return { holdsToken: false, problem };
  }
  try {
    return { holdsToken: (await readTokenFile(path)) !== null, problem: null };
  } catch (error) {
    return { holdsToken: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

function linkTargetOf(path: string): string | null {
  return quietly(() => fs.realpathSync.native(path)) ?? quietly(() => fs.readlinkSync(path));
}

function quietly<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
