import { join } from "node:path";
import { isAuthError } from "@x/auth-core";
import type { Access } from "./access.ts";
import type { Audience } from "./audience.ts";
import type { EmitFileEvent } from "./events.ts";
import { flushDirectory } from "./flush.ts";
import { type FileLocation, INBOUND_SECRET_FILE, pathOf, TOKEN_FILE } from "./location.ts";
import { addOrigin, type OriginEntry, otherOwners, readOrigins } from "./origins-list.ts";
import { readTokenFile } from "./read-token-file.ts";
import { sweep } from "./temporary-files.ts";
import { remove } from "./write-copy.ts";
import { isNotReplaceable, writeBesideToken, writeTokenFile } from "./write-token-file.ts";

/** Where one workspace's file is: options for `fileTokenStorage`. */
export interface WorkspaceDirectory {
  /** The workspace's own directory. It need not exist. */
  readonly configsDir: string;
  /** The directory shared by all workspaces. */
  readonly root: string;
}

/** One workspace's migration from the first layout. */
export interface Move {
  readonly access: Access;
  readonly emit: EmitFileEvent;
  /** The directory that holds all workspaces' directories. */
  readonly workspaces: string;
  readonly id: string;
  readonly from: WorkspaceDirectory;
  readonly to: WorkspaceDirectory;
  readonly origin: string;
}

/** Files with credentials from the platform; the secret is stored beside the token. */
const CREDENTIAL_FILES = [TOKEN_FILE, INBOUND_SECRET_FILE];

/**
 * An origins list beside the old directory records which platform the tokens are copied for. It is written first, and
 * removed once the old directory is empty. If that cannot be emptied, the list stays.
 */
function claimsOf({ workspaces, id }: Move): FileLocation {
  return { configsDir: workspaces, fileName: `.${id}`, root: null };
}

/** The list is one workspace's. */
const audienceOf = ({ origin }: Move): Audience => ({ origin, workspaceId: null });

export function readClaims(move: Move): Promise<OriginEntry[]> {
  return readOrigins(move.access, claimsOf(move));
}

/**
 * Copies the credentials, and then removes the originals.
 *
 * @returns the directory to use
 * @throws AuthError `STORAGE_READ_FAILED`, `STORAGE_WRITE_FAILED`
 */
export async function moveTokens(move: Move, claims: readonly OriginEntry[]): Promise<WorkspaceDirectory> {
  const { access, from, to, workspaces } = move;
  let isEmpty = true;
  const found: { fileName: string; text: string }[] = [];
  for (const fileName of CREDENTIAL_FILES) {
    const text = await readOld(move, fileName);
    if (text === null) continue;
    const [other] = otherOwners(claims, text, audienceOf(move));
    if (other !== undefined) {
      move.emit({
        type: "token-file-of-other-platform",
        path: join(from.configsDir, fileName),
        origin: other.origin,
      });
      isEmpty = false;
      // The files beside a token belong to the same platform, which may not have been recorded yet.
      if (fileName === TOKEN_FILE) return to;
      continue;
    }
    found.push({ fileName, text });
  }
  // Read everything before moving anything, the token first.
  for (const { text } of found) {
    if (!(await claim(move, text))) return from;
  }
  for (const { fileName, text } of found) {
    await copyToken(move, fileName, text);
    isEmpty = (await removeOld(move, fileName)) && isEmpty;
  }
  if (isEmpty && (found.length > 0 || claims.length > 0)) {
    await remove(access, `${pathOf(claimsOf(move))}.origins`);
    await flushDirectory(access, workspaces);
  }
  await sweep(access, workspaces);
  return to;
}

/** @returns false if nothing can be stored: the first layout's directory is then used unchanged */
async function claim(move: Move, token: string): Promise<boolean> {
  const { access } = move;
  const addition = { entries: await readClaims(move), stored: null, token, audience: audienceOf(move) };
  try {
    await addOrigin(access, claimsOf(move), addition);
    return true;
  } catch (error) {
    if (cannotBeWritten(error)) return false;
    throw error;
  }
}

/** An unreadable secret is left in place, because the next response contains another one. A token is not. */
async function readOld({ access, from }: Move, fileName: string): Promise<string | null> {
  try {
    return await readTokenFile(access, { ...from, fileName });
  } catch (error) {
    if (fileName === TOKEN_FILE || access.signal?.aborted) throw error;
    return null;
  }
}

/** A directory that is read-only, owned by another user, or writable by others. */
function cannotBeWritten(error: unknown): boolean {
  return isAuthError(error) && (error.cause === undefined || isNotReplaceable(error.cause));
}

/** Of two different tokens, the newer one wins: an older runner may have been started again for a while. */
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
  emit({ type: "token-file-migrated", path: pathOf(target), from: pathOf(old) });
}

async function modifiedAt({ io }: Access, location: FileLocation): Promise<number> {
  return (await io.lstat(pathOf(location))).mtimeMs;
}

/** @returns whether the file was removed; a mount cannot be, and its list stays */
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
