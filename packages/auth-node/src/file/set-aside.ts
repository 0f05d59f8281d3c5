import type { Access } from "./access.ts";
import { type Audience, audienceDirName, digestOf } from "./audience.ts";
import type { FileStats } from "./file-system.ts";
import { lstatIfPresent } from "./follow-links.ts";
import { beside, type FileLocation, pathOf } from "./location.ts";
import { type OriginEntry, otherOwners, readOrigins } from "./origins-list.ts";
import { readTokenFile } from "./read-token-file.ts";
import { removeTokenFile } from "./remove-token-file.ts";
import { remove } from "./write-copy.ts";
import { writeBesideToken } from "./write-token-file.ts";

/** The longest name of a file, in bytes. A host name alone may have nearly as many. */
const MAX_NAME_LENGTH = 255;

/** The file of a token set aside while the token file holds another's. */
export function asideOf(location: FileLocation, { origin, workspaceId }: Omit<OriginEntry, "sha256">) {
  const platform = audienceDirName(origin);
  const whose = workspaceId === undefined ? platform : `${platform}@${workspaceId}`;
  const name = `${location.fileName}@${whose}`;
  if (Buffer.byteLength(name) <= MAX_NAME_LENGTH && /^[a-z0-9-]*$/.test(workspaceId ?? "")) {
    return beside(location, name);
  }
  // Of the origin alone in versions that did not know workspaces.
  return beside(location, `${location.fileName}@${digestOf(workspaceId === undefined ? origin : whose)}`);
}

/** An audience's own file. */
function ownAside(location: FileLocation, { origin, workspaceId }: Audience): FileLocation {
  return asideOf(location, { origin, ...(workspaceId !== null && { workspaceId }) });
}

/**
 * Where an audience's token may have been set aside, its own file first. A token saved without a workspace id is any
 * workspace's; without an id, one looks for any workspace's.
 */
function asidesFor(location: FileLocation, audience: Audience, entries: readonly OriginEntry[]) {
  const { origin, workspaceId } = audience;
  const ofPlatform = () => entries.filter((entry) => entry.origin === origin).reverse();
  const others = workspaceId === null ? ofPlatform() : [{ origin }];
  const files = [ownAside(location, audience), ...others.map((other) => asideOf(location, other))];
  return [...new Map(files.map((file) => [file.fileName, file])).values()];
}

/**
 * @param entries the list, if it has been read
 * @throws AuthError `STORAGE_READ_FAILED`
 */
export async function readAside(
  access: Access,
  location: FileLocation,
  audience: Audience,
  entries: readonly OriginEntry[] | null,
): Promise<{ readonly token: string; readonly from: FileLocation } | null> {
  for (const each of asidesFor(location, audience, entries ?? [])) {
    if (Buffer.byteLength(each.fileName) > MAX_NAME_LENGTH) continue;
    const token = await readTokenFile(access, each);
    if (token === null) continue;
    const known = entries ?? (await readOrigins(access, location));
    if (otherOwners(known, token, audience).length === 0) return { token, from: each };
  }
  return null;
}

/**
 * Writes the file even if it holds the token already: the process that has just moved that into the token file removes
 * it only if it is still the same file.
 */
export async function setAside(access: Access, aside: FileLocation, token: string): Promise<void> {
  try {
    await writeBesideToken(access, aside, token);
  } catch (error) {
    if ((await readTokenFile(access, aside).catch(() => null)) !== token) throw error;
  }
}

/** Removes an audience's tokens that were set aside, but not another's. */
export async function removeAside(
  access: Access,
  location: FileLocation,
  audience: Audience,
  entries: readonly OriginEntry[],
): Promise<void> {
  for (const each of asidesFor(location, audience, entries)) {
    const token = await readTokenFile(access, each).catch(() => null);
    const isOurs = token === null || otherOwners(entries, token, audience).length === 0;
    if (isOurs) await removeTokenFile(access, each);
  }
}

/** The file in which an audience's token may have been set aside, before a change; `null` if it does not exist. */
export function statAside(
  access: Access,
  location: FileLocation,
  audience: Audience,
): Promise<FileStats | null> {
  return lstatIfPresent(access, pathOf(ownAside(location, audience))).catch(() => null);
}

export interface Forget {
  readonly entries: readonly OriginEntry[];
  /** The token that was stored. */
  readonly token: string;
  /** Of `statAside`, before the change. */
  readonly wasAside: FileStats | null;
}

/**
 * Removes this audience's old token that was set aside, and the copy that the stored one came from. Another process may
 * have set the new token aside meanwhile, to replace the file: that stays. If it has replaced the file already, having
 * set aside the old token only, the new one is set aside here.
 */
export async function forgetAside(
  access: Access,
  location: FileLocation,
  audience: Audience,
  { entries, token, wasAside }: Forget,
): Promise<void> {
  const [, ...others] = asidesFor(location, audience, entries);
  for (const other of others) {
    if ((await readTokenFile(access, other).catch(() => null)) === token) await remove(access, pathOf(other));
  }
  const mine = ownAside(location, audience);
  // A failed read is no reason to fail: the new token is stored.
  const isAside = await statAside(access, location, audience);
  if (isAside === null) return;
  if (isAside.ino !== wasAside?.ino && (await readTokenFile(access, mine).catch(() => null)) === token)
    return;
  await remove(access, pathOf(mine));
  const stored = await readTokenFile(access, location).catch(() => token);
  if (stored !== token) await setAside(access, mine, token);
}
