import { join } from "node:path";
import { isAuthError } from "@x/auth-core";
import type { Access } from "./access.ts";
import type { EmitFileEvent } from "./events.ts";
import { flushDirectory } from "./flush.ts";
import { type FileLocation, pathOf, TOKEN_FILE } from "./location.ts";
import { addOrigin, type OriginEntry, otherOrigins, readOrigins } from "./origins-list.ts";
import { readTokenFile } from "./read-token-file.ts";
import { sweep } from "./temporary-files.ts";
import { remove } from "./write-copy.ts";
import { isNotReplaceable, writeBesideToken, writeTokenFile } from "./write-token-file.ts";

/** Where the file of one workspace of a list is: options for `fileTokenStorage`. */
export interface WorkspaceDirectory {
  /** The workspace's own directory. It need not exist. */
  readonly configsDir: string;
  /** The directory of the whole list. */
  readonly root: string;
}

/** One workspace's move from the first layout. */
export interface Move {
  readonly access: Access;
  readonly emit: EmitFileEvent;
  /** The directory that holds those of all workspaces. */
  readonly workspaces: string;
  readonly id: string;
  readonly from: WorkspaceDirectory;
  readonly to: WorkspaceDirectory;
  readonly origin: string;
}

/** What a platform issues to a workspace; the secret is kept beside the token. */
const ISSUED = [TOKEN_FILE, ".platform_inbound_secret"];

/**
 * While tokens are copied, a list beside the old directory tells for which platform: it is written first, and removed
 * when the old place is empty. Where it cannot be emptied, the list stays.
 */
function claimsOf({ workspaces, id }: Move): FileLocation {
  return { configsDir: workspaces, fileName: `.${id}`, root: null };
}

export function readClaims(move: Move): Promise<OriginEntry[]> {
  return readOrigins(move.access, claimsOf(move));
}

/**
 * Copies what the platform has issued, and then removes it from the old place.
 *
 * @returns the directory to use
 * @throws AuthError `STORAGE_READ_FAILED`, `STORAGE_WRITE_FAILED`
 */
export async function moveTokens(move: Move, claims: readonly OriginEntry[]): Promise<WorkspaceDirectory> {
  const { access, from, to, workspaces } = move;
  let isEmpty = true;
  const issued: { fileName: string; text: string }[] = [];
  for (const fileName of ISSUED) {
    const text = await readOld(move, fileName);
    if (text === null) continue;
    const [other] = otherOrigins(claims, text, move.origin);
    if (other !== undefined) {
      move.emit({
        type: "token-file-of-other-platform",
        path: join(from.configsDir, fileName),
        origin: other,
      });
      isEmpty = false;
      // What is beside a token is the same platform's, and may not have been claimed yet.
      if (fileName === TOKEN_FILE) return to;
      continue;
    }
    issued.push({ fileName, text });
  }
  // All of it before any of it moves, the token first.
  for (const { text } of issued) {
    if (!(await claim(move, text))) return from;
  }
  for (const { fileName, text } of issued) {
    await copyToken(move, fileName, text);
    isEmpty = (await removeOld(move, fileName)) && isEmpty;
  }
  if (isEmpty && (issued.length > 0 || claims.length > 0)) {
    await remove(access, `${pathOf(claimsOf(move))}.origins`);
    await flushDirectory(access, workspaces);
  }
  await sweep(access, workspaces);
  return to;
}

/** @returns false where nothing can be kept: then the directory of the first layout is used as it is */
async function claim(move: Move, token: string): Promise<boolean> {
  const { access, origin } = move;
  try {
    await addOrigin(access, claimsOf(move), { entries: await readClaims(move), stored: null, token, origin });
    return true;
  } catch (error) {
    if (cannotBeWritten(error)) return false;
    throw error;
  }
}

/** A secret that cannot be read stays where it is: another one comes with the next answer. A token does not. */
async function readOld({ access, from }: Move, fileName: string): Promise<string | null> {
  try {
    return await readTokenFile(access, { ...from, fileName });
  } catch (error) {
    if (fileName === TOKEN_FILE || access.signal?.aborted) throw error;
    return null;
  }
}

/** A directory that is read-only, not ours, or that others can write to. */
function cannotBeWritten(error: unknown): boolean {
  return isAuthError(error) && (error.cause === undefined || isNotReplaceable(error.cause));
}

/** Of two different tokens the one written last is used: an older runner may have been back for a while. */
async function copyToken({ access, from, to, emit }: Move, fileName: string, token: string): Promise<void> {
  const old = { ...from, fileName };
  const target = { ...to, fileName };
  const there = await readTokenFile(access, target).catch(() => {
    access.signal?.throwIfAborted();
    return null;
  });
  if (there === token) return;
  if (there !== null) {
    const isNewer = (await modifiedAt(access, old)) > (await modifiedAt(access, target));
    await writeBesideToken(access, { ...to, fileName: `${fileName}.older` }, isNewer ? there : token);
    if (!isNewer) return;
  }
  await writeTokenFile(access, target, token);
  emit({ type: "token-file-adopted", path: pathOf(target), from: pathOf(old) });
}

async function modifiedAt({ io }: Access, location: FileLocation): Promise<number> {
  return (await io.lstat(pathOf(location))).mtimeMs;
}

/** @returns whether it is gone; a mount cannot be emptied, and its list stays */
async function removeOld({ access, from }: Move, fileName: string): Promise<boolean> {
  try {
    access.signal?.throwIfAborted();
    await access.io.unlink(pathOf({ ...from, fileName }));
    await flushDirectory(access, from.configsDir);
    return true;
  } catch {
    access.signal?.throwIfAborted();
    return false;
  }
}
