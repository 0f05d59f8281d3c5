import { isAuthError } from "@x/auth-core";
import type { Access } from "./access.ts";
import { audienceDirName } from "./audience.ts";
import { createTokenFile } from "./create-token-file.ts";
import { codeOf, writeFailure } from "./fs-errors.ts";
import { beside, type FileLocation, pathOf } from "./location.ts";
import { addOrigin, dropOrigin, type OriginEntry, otherOrigins, readOrigins } from "./origins-list.ts";
import type { ReadGuard } from "./permissions.ts";
import { readTokenFile } from "./read-token-file.ts";
import { removeTokenFile } from "./remove-token-file.ts";
import { remove } from "./write-copy.ts";
import { isNotReplaceable, type Written, writeBesideToken, writeTokenFile } from "./write-token-file.ts";

/**
 * One token file that several platforms have used in turn, and which is shared with programs that know nothing of that.
 *
 * The file holds the token of the platform that saved last. A list beside it tells whose it is, and each other
 * platform's token waits in a file with that platform's name. Every change is made in an order in which a process may be
 * killed anywhere: what is to be overwritten is set aside first, the list knows the new token before the file holds it,
 * and what waited is removed after the file has it.
 *
 * Without an origin, and for a workspace of a list, whose directory is its platform's alone, there is only the file.
 */
export interface Holding {
  /** The token for that platform. */
  readonly token: string | null;
  /** What the file holds, whoever it is for. */
  readonly stored: string | null;
  /** Whose that is, when it is known to be for others. */
  readonly others: readonly string[];
}

/** A token that waits while its file holds another platform's. */
function waiting(location: FileLocation, origin: string): FileLocation {
  return beside(location, `${location.fileName}@${audienceDirName(origin)}`);
}

/** Another process may restore what waits, between two steps of a read; hardly in each of these. */
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
    // Found there, or surely not: else it has just gone into the file.
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
  await prepareFor(access, location, origin, token);
  const written = await writeTokenFile(access, location, token);
  await forget(access, location, origin);
  return written;
}

/**
 * Stores a token where there is no file: of two at once, in whatever process, one wins.
 *
 * @returns null when there is a file by now
 * @throws AuthError `STORAGE_WRITE_FAILED`
 */
export async function createFor(
  access: Access,
  location: FileLocation,
  origin: string | null,
  token: string,
): Promise<Written | null> {
  await prepareFor(access, location, origin, token);
  const written = await createTokenFile(access, location, token);
  if (written !== null) await forget(access, location, origin);
  return written;
}

/** Removes a platform's token; that of another one stays. */
export async function removeFor(
  access: Access,
  location: FileLocation,
  origin: string | null,
): Promise<void> {
  const { stored, others } = await readFor(access, location, origin).catch(unreadable(access));
  if (others.length === 0) await removeTokenFile(access, location);
  if (origin === null || location.root !== null) return;
  await removeTokenFile(access, waiting(location, origin));
  if (stored !== null && others.length === 0) await dropOrigin(access, location, stored);
}

/** What comes before the file changes: what it holds for others is set aside, and the list knows the new token. */
async function prepareFor(
  access: Access,
  location: FileLocation,
  origin: string | null,
  token: string,
): Promise<void> {
  if (location.root !== null) return;
  const entries = await readOrigins(access, location);
  const stored = await readStored(access, location, entries, origin);
  const others = stored === null ? [] : otherOrigins(entries, stored, origin);
  for (const other of others) {
    if (stored !== null && other !== origin) await setAside(access, waiting(location, other), stored);
  }
  if (origin === null) return;
  try {
    await addOrigin(access, location, { entries, stored, token, origin });
  } catch (error) {
    // No list can be kept here: then each token belongs to the configured platform. Unless one was set aside just now.
    const cause = isAuthError(error) ? error.cause : error;
    if (others.length > 0 || !isNotReplaceable(cause)) throw error;
  }
}

/**
 * What the file holds, if that could be another platform's. A file with something else in it holds nothing that could be
 * set aside, and saving is how it is replaced; one that the system does not give may hold another platform's token.
 */
async function readStored(
  access: Access,
  location: FileLocation,
  entries: readonly OriginEntry[],
  origin: string | null,
): Promise<string | null> {
  if (entries.length === 0) return null;
  try {
    return await readTokenFile(access, location);
  } catch (error) {
    if (access.signal?.aborted) throw error;
    const cause = isAuthError(error) ? error.cause : error;
    if (codeOf(cause) === "" || entries.every((entry) => entry.origin === origin)) return null;
    const why = `what it holds cannot be read (${codeOf(cause)}), and may be another platform's token. Move the file away, then save again.`;
    throw writeFailure(pathOf(location), why, cause);
  }
}

function unreadable({ signal }: Access): () => Holding {
  return () => {
    if (signal?.aborted) throw signal.reason;
    return { token: null, stored: null, others: [] };
  };
}

async function setAside(access: Access, location: FileLocation, token: string): Promise<void> {
  const there = await readTokenFile(access, location).catch(() => null);
  if (there !== token) await writeBesideToken(access, location, token);
}

/** What waited for this platform is older than what the file holds now. */
async function forget(access: Access, location: FileLocation, origin: string | null): Promise<void> {
  if (origin === null || location.root !== null) return;
  await remove(access, pathOf(waiting(location, origin)));
}
