import { isAuthError } from "@x/auth-core";
import type { Access } from "./access.ts";
import { audienceDirName, digestOf } from "./audience.ts";
import { createTokenFile } from "./create-token-file.ts";
import { lstatIfPresent } from "./follow-links.ts";
import { type Held, readHeld } from "./held-token.ts";
import { beside, type FileLocation, pathOf } from "./location.ts";
import { findDirectory } from "./open-directory.ts";
import { addOrigin, listOf, otherOrigins, readOrigins } from "./origins-list.ts";
import { Overtaken, untilNotOvertaken } from "./overtaken.ts";
import type { ReadGuard } from "./permissions.ts";
import { probeBesideToken, probeTokenFile } from "./probe.ts";
import { readTokenFile } from "./read-token-file.ts";
import { removeTokenFile } from "./remove-token-file.ts";
import { together } from "./together.ts";
import { remove } from "./write-copy.ts";
import { findWriteTarget, type WriteTarget } from "./write-target.ts";
import { isNotReplaceable, type Written, writeBesideToken, writeTokenFile } from "./write-token-file.ts";

/**
 * One token file used by several platforms in turn, and shared with programs that expect a single token.
 *
 * The file holds the token of the platform that saved last. An origins list beside it records whose token that is, and
 * every other platform's token is set aside in a file named after the platform. A process may be killed at any point of
 * a change: the old token is set aside first, the list records the new token before the file holds it, and a token that
 * was set aside is removed only once the file holds it.
 *
 * Without an origin, and in a list of workspaces, where each directory belongs to one platform, only the file is used.
 */
export interface Holding extends Held {
  /** The platform's token. */
  readonly token: string | null;
}

/** The longest name of a file, in bytes. A host name alone may have nearly as many. */
const MAX_NAME_LENGTH = 255;

/** The file of a token set aside while the token file holds another platform's. */
function waiting(location: FileLocation, origin: string): FileLocation {
  const name = `${location.fileName}@${audienceDirName(origin)}`;
  const isLong = Buffer.byteLength(name) > MAX_NAME_LENGTH;
  return beside(location, isLong ? `${location.fileName}@${digestOf(origin)}` : name);
}

/** Another process may restore a token between two steps of a read, but hardly on every attempt. */
const ATTEMPTS = 4;

/** @throws AuthError `STORAGE_READ_FAILED` */
export async function readFor(
  access: Access,
  location: FileLocation,
  origin: string | null,
  guard?: ReadGuard,
): Promise<Holding> {
  let stored = await readTokenFile(access, location, guard);
  if (origin === null || location.root !== null) return { token: stored, stored, others: [] };
  for (let attempt = 1; ; attempt += 1) {
    const others = stored === null ? [] : otherOrigins(await readOrigins(access, location), stored, origin);
    if (stored !== null && others.length === 0) return { token: stored, stored, others };
    const token = await readTokenFile(access, waiting(location, origin));
    // Otherwise another process has just moved the token into the file.
    if (token !== null || attempt === ATTEMPTS) return { token, stored, others };
    const before = stored;
    stored = await readTokenFile(access, location);
    if (stored === before) return { token, stored, others };
  }
}

/** @throws AuthError `STORAGE_WRITE_FAILED` */
export async function writeFor(
  access: Access,
  location: FileLocation,
  origin: string | null,
  token: string,
): Promise<Written> {
  return untilNotOvertaken(location, async () => {
    const prepared = await prepareFor(access, location, origin, token);
    const recheck = location.root === null ? () => recheckPrepared(access, prepared) : undefined;
    const written = await writeTokenFile(access, location, token, prepared.target, recheck);
    await forget(access, location, origin, token);
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
  origin: string | null,
  token: string,
): Promise<Written | null> {
  return untilNotOvertaken(location, async () => {
    const { target } = await prepareFor(access, location, origin, token);
    const written = await createTokenFile(access, location, token, target);
    if (written !== null) await forget(access, location, origin, token);
    return written;
  });
}

/** Removes a platform's token, but not another platform's. */
export async function removeFor(
  access: Access,
  location: FileLocation,
  origin: string | null,
): Promise<void> {
  if (origin === null || location.root !== null) return removeTokenFile(access, location);
  const entries = await readOrigins(access, location, "change");
  const { others } = await readHeld(access, location, entries, origin);
  if (others.length === 0) await removeTokenFile(access, location);
  await removeTokenFile(access, waiting(location, origin));
}

/** A change that has been prepared. */
interface Prepared {
  readonly target: WriteTarget;
  readonly stored: string | null;
  /** Where the stored token was set aside. */
  readonly aside: readonly FileLocation[];
}

/** @throws Overtaken if the file, or where its token was set aside, has changed since the change was prepared */
async function recheckPrepared(access: Access, { target, stored, aside }: Prepared): Promise<void> {
  for (const each of aside) {
    if ((await readTokenFile(access, each).catch(() => null)) !== stored) throw new Overtaken();
  }
  const now = await lstatIfPresent(access, target.path);
  if (now?.ino !== target.stats?.ino || now?.ctimeMs !== target.stats?.ctimeMs) throw new Overtaken();
}

/** Prepares a change of the file: sets aside another platform's token, and records the new one in the list. */
async function prepareFor(
  access: Access,
  location: FileLocation,
  origin: string | null,
  token: string,
): Promise<Prepared> {
  if (location.root !== null) {
    return { target: await findWriteTarget(access, location), stored: null, aside: [] };
  }
  const directory = findDirectory(access, location);
  const [entries, target] = await together([
    readOrigins(access, location, "change", { directory }),
    findWriteTarget(access, location, directory),
  ]);
  const { stored, others } = await readHeld(access, location, entries, origin);
  const aside = stored === null ? [] : others.map((other) => waiting(location, other));
  for (const each of aside) await setAside(access, each, stored ?? "");
  if (origin !== null) {
    await withOrWithoutList(addOrigin(access, location, { entries, stored, token, origin }), others);
  }
  return { target, stored, aside };
}

/**
 * Rejects unless a platform's token could be stored now, with everything that a save writes beside it. A token that the
 * platform issued replaces only what can be read.
 *
 * @throws AuthError `STORAGE_WRITE_FAILED`, `STORAGE_READ_FAILED`
 */
export async function probeFor(access: Access, location: FileLocation, origin: string | null): Promise<void> {
  await probeTokenFile(access, location);
  await readFor(access, location, origin);
  if (location.root !== null) return;
  const entries = await readOrigins(access, location, "change");
  const { others } = await readHeld(access, location, entries, origin);
  for (const other of others) await probeBesideToken(access, waiting(location, other));
  if (origin !== null) await withOrWithoutList(probeBesideToken(access, listOf(location)), others);
}

/** Where no list can be stored, a token belongs to the configured platform, unless another one was just set aside. */
async function withOrWithoutList(listing: Promise<void>, others: readonly string[]): Promise<void> {
  try {
    await listing;
  } catch (error) {
    if (error instanceof Overtaken) throw error;
    const cause = isAuthError(error) ? error.cause : error;
    if (others.length > 0 || !isNotReplaceable(cause)) throw error;
  }
}

async function setAside(access: Access, location: FileLocation, token: string): Promise<void> {
  const there = await readTokenFile(access, location).catch(() => null);
  if (there !== token) await writeBesideToken(access, location, token);
}

/**
 * Removes this platform's old token that was set aside. If another process has replaced the file meanwhile, the removed
 * one may have been the new token, which is then set aside again.
 */
async function forget(
  access: Access,
  location: FileLocation,
  origin: string | null,
  token: string,
): Promise<void> {
  if (origin === null || location.root !== null) return;
  const mine = waiting(location, origin);
  // A failed read is no reason to fail: the new token is stored.
  const wasAside = await lstatIfPresent(access, pathOf(mine)).catch(() => null);
  await remove(access, pathOf(mine));
  if (wasAside === null) return;
  const stored = await readTokenFile(access, location).catch(() => token);
  if (stored !== token) await setAside(access, mine, token);
}
