import type { Access } from "./access.ts";
import type { Audience } from "./audience.ts";
import { createTokenFile } from "./create-token-file.ts";
import { type Held, readHeld } from "./held-token.ts";
import type { FileLocation } from "./location.ts";
import { listOf, otherOwners, readOrigins } from "./origins-list.ts";
import { untilNotOvertaken } from "./overtaken.ts";
import type { ReadGuard } from "./permissions.ts";
import {
  type Prepared,
  prepareChange,
  recheckFile,
  recheckList,
  withOrWithoutList,
} from "./prepare-change.ts";
import { probeBesideToken, probeTokenFile } from "./probe.ts";
import { readTokenFile } from "./read-token-file.ts";
import { removeTokenFile } from "./remove-token-file.ts";
import { asideOf, forgetAside, readAside, removeAside } from "./set-aside.ts";
import { type Written, writeTokenFile } from "./write-token-file.ts";

/**
 * One token file used for several audiences in turn, and shared with programs that expect a single token.
 *
 * The file holds the token that was saved last. An origins list beside it records whose token that is, and every other
 * audience's token is set aside in a file named after the platform and the workspace. A process may be killed at any
 * point of a change: the old token is set aside first, the list records the new token before the file holds it, and a
 * token that was set aside is removed only once the file holds it.
 *
 * Without an audience, and in a list of workspaces, where each directory belongs to one, only the file is used.
 */
export interface Holding extends Held {
  /** The audience's token. */
  readonly token: string | null;
  /** Where it was read from: the file, or where it was set aside. */
  readonly from: FileLocation;
}

/** Another process may restore a token between two steps of a read, but hardly on every attempt. */
const ATTEMPTS = 4;

/** @throws AuthError `STORAGE_READ_FAILED` */
export async function readFor(
  access: Access,
  location: FileLocation,
  audience: Audience | null,
  guard?: ReadGuard,
): Promise<Holding> {
  let stored = await readTokenFile(access, location, guard);
  const inFile = () => ({ token: stored, from: location, stored, others: [] });
  if (audience === null || location.root !== null) return inFile();
  for (let attempt = 1; ; attempt += 1) {
    const entries =
      stored === null ? await asidesList(access, location, audience) : await readOrigins(access, location);
    const others = stored === null ? [] : otherOwners(entries ?? [], stored, audience);
    if (stored !== null && others.length === 0) return inFile();
    const aside = await readAside(access, location, audience, entries);
    if (aside !== null) return { ...aside, stored, others };
    const before = stored;
    // Another process may just have moved the token into the file.
    if (attempt < ATTEMPTS) stored = await readTokenFile(access, location);
    if (stored === before) return { token: null, from: location, stored, others };
  }
}

/**
 * Without a workspace id, the list says where a token may have been set aside. `null`: not needed, or damaged, which
 * matters only if there is such a token.
 */
async function asidesList(access: Access, location: FileLocation, { workspaceId }: Audience) {
  return workspaceId === null ? readOrigins(access, location).catch(() => null) : null;
}

/** @throws AuthError `STORAGE_WRITE_FAILED` */
export async function writeFor(
  access: Access,
  location: FileLocation,
  audience: Audience | null,
  token: string,
): Promise<Written> {
  return untilNotOvertaken(location, async () => {
    const prepared = await prepareChange(access, location, audience, token);
    const recheck = location.root === null ? () => recheckFile(access, location, prepared) : undefined;
    const written = await writeTokenFile(access, location, token, prepared.target, recheck);
    await forget(access, location, prepared);
    return written;
  });
}

/**
 * Stores a token if there is no file. Of two concurrent calls, in any process, one wins.
 *
 * @returns null if a file exists by now
 * @throws AuthError `STORAGE_WRITE_FAILED`
 */
export async function createFor(
  access: Access,
  location: FileLocation,
  audience: Audience | null,
  token: string,
): Promise<Written | null> {
  return untilNotOvertaken(location, async () => {
    const prepared = await prepareChange(access, location, audience, token);
    const recheck = () => recheckList(access, location, prepared);
    const written = await createTokenFile(access, location, token, prepared.target, recheck);
    if (written !== null) await forget(access, location, prepared);
    return written;
  });
}

/** Removes an audience's token, but not another's. */
export async function removeFor(
  access: Access,
  location: FileLocation,
  audience: Audience | null,
): Promise<void> {
  if (audience === null || location.root !== null) return removeTokenFile(access, location);
  const entries = await readOrigins(access, location, "change");
  const { others } = await readHeld(access, location, entries, audience);
  if (others.length === 0) await removeTokenFile(access, location);
  await removeAside(access, location, audience, entries);
}

/**
 * Rejects unless an audience's token could be stored now, with everything that a save writes beside it. A token that
 * the platform issued replaces only what can be read.
 *
 * @throws AuthError `STORAGE_WRITE_FAILED`, `STORAGE_READ_FAILED`
 */
export async function probeFor(
  access: Access,
  location: FileLocation,
  audience: Audience | null,
): Promise<void> {
  await probeTokenFile(access, location);
  await readFor(access, location, audience);
  if (location.root !== null) return;
  const entries = await readOrigins(access, location, "change");
  const { others } = await readHeld(access, location, entries, audience);
  for (const other of others) await probeBesideToken(access, asideOf(location, other));
  if (audience !== null) await withOrWithoutList(probeBesideToken(access, listOf(location)), others);
}

/** What was set aside and is no longer needed. */
async function forget(
  access: Access,
  location: FileLocation,
  { audience, ...prepared }: Prepared,
): Promise<void> {
  if (audience !== null) await forgetAside(access, location, audience, prepared);
}
