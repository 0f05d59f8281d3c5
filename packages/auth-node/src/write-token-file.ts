import fs from "node:fs";
import { dirname } from "node:path";
import { type AuthError, isAuthError } from "@x/auth-core";
import { flushDirectory } from "./flush.ts";
import { codeOf, whyUnwritable, writeFailure } from "./fs-errors.ts";
import { makeDirectories } from "./make-directories.ts";
import { kindOf } from "./read-token-file.ts";
import { remove, writeCopyBeside } from "./write-copy.ts";
import { writeInPlace } from "./write-in-place.ts";

/** A directory we may not write to; a file that something is mounted on; a mount that ends here. */
const NOT_REPLACEABLE = new Set(["EACCES", "EBUSY", "EPERM", "EROFS", "EXDEV"]);

export interface Written {
  /** The directory that the file really is in, behind symbolic links. */
  readonly directory: string;
  /** Why the file was written in place (an error code); `null` when it was replaced. */
  readonly inPlace: string | null;
}

/**
 * Stores a token in a file, so that it is there after a loss of power, and every reader at every instant finds the old
 * token or the new one.
 *
 * @throws AuthError `STORAGE_WRITE_FAILED`
 */
export async function writeTokenFile(path: string, token: string): Promise<Written> {
  const bytes = Buffer.from(token);
  const target = targetOf(path);
  const directory = dirname(target);
  let copy: string | null = null;
  try {
    copy = await copyBeside(target, bytes);
    fs.renameSync(copy, target);
  } catch (error) {
    const inPlace = codeOf(error);
    if (NOT_REPLACEABLE.has(inPlace)) {
      await fallBack({ path, target, bytes, copy, why: error });
      return { directory, inPlace };
    }
    if (copy !== null) remove(copy);
    throw writeFailure(path, whyUnwritable(error), error);
  }
  await confirm(path, directory);
  return { directory, inPlace: null };
}

/** Only with its directory on the disk too is the new file there after a loss of power. */
async function confirm(path: string, directory: string): Promise<void> {
  try {
    await flushDirectory(directory);
  } catch (error) {
    const why = `it is there, but the disk does not confirm it (${codeOf(error)}), and a loss of power may undo it.`;
    throw writeFailure(path, why, error);
  }
}

/** The file to be replaced: where a symbolic link leads, so that the link stays one. */
function targetOf(path: string): string {
  try {
    const entry = fs.lstatSync(path, { throwIfNoEntry: false });
    if (entry === undefined || entry.isFile()) return path;
    const target = entry.isSymbolicLink() ? fs.realpathSync.native(path) : path;
    const found = fs.statSync(target);
    if (found.isFile()) return target;
    throw writeFailure(path, `${target} is a ${kindOf(found)}, not a file. Move it away, then save again.`);
  } catch (error) {
    if (isAuthError(error)) throw error;
    if (codeOf(error) !== "ENOENT") throw writeFailure(path, whyUnwritable(error), error);
    throw writeFailure(path, "it is a symbolic link to nothing. Remove the link, then save again.", error);
  }
}

async function copyBeside(target: string, bytes: Uint8Array): Promise<string> {
  try {
    return await writeCopyBeside(target, bytes);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    await makeDirectories(dirname(target));
    return writeCopyBeside(target, bytes);
  }
}

interface FallBack {
  readonly path: string;
  readonly target: string;
  readonly bytes: Uint8Array;
  /** The new token, whole, in a file beside the target; `null` when that could not be made. */
  readonly copy: string | null;
  /** What kept the file from being replaced. */
  readonly why: unknown;
}

async function fallBack({ path, target, bytes, copy, why }: FallBack): Promise<void> {
  const result = await writeInPlace(target, bytes);
  if (result.ok || !result.touched) {
    if (copy !== null) remove(copy);
    if (result.ok) return;
  }
  throw result.touched ? damaged(path, copy, result.error) : refused(path, why, result.error);
}

function refused(path: string, why: unknown, error: unknown): AuthError {
  if (codeOf(error) === "ENOENT") return writeFailure(path, whyUnwritable(why), why);
  const both = `it cannot be replaced (${codeOf(why)}), nor written in place: ${whyUnwritable(error)}`;
  return writeFailure(path, both, error);
}

function damaged(path: string, copy: string | null, error: unknown): AuthError {
  const failed = `writing it in place failed midway (${codeOf(error) || "no error code"}), and the file may be damaged.`;
  const rest = copy === null ? "" : ` The whole token is in ${copy}: move that file there, or`;
  return writeFailure(path, `${failed}${rest} ${copy === null ? "Save" : "save"} the token again.`, error);
}
