import { platformOrigin } from "@x/auth-core";
import type { Access } from "./access.ts";
import { digestOf } from "./audience.ts";
import { asReadFailure, codeOf } from "./fs-errors.ts";
import { beside, type FileLocation, pathOf } from "./location.ts";
import { closeQuietly, type OpenOptions, openFile, readFirst } from "./open-file.ts";
import { Overtaken } from "./overtaken.ts";
import { isTrusted } from "./ownership.ts";
import { ourUid } from "./user.ts";
import { writeBesideToken } from "./write-token-file.ts";

/** One line of the list: which platform a token, identified by its digest, is for. */
export interface OriginEntry {
  readonly origin: string;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** Newest last. Older tokens are not expected to reappear. */
const MOST_ENTRIES = 32;

const MOST_BYTES = 64 * 1_024;

/** Errors of something that is no list, or not for this user. After any other, the list may be readable a moment later. */
const NO_LIST = new Set(["", "EACCES", "ELOOP", "ENOENT", "ENOTDIR", "ENXIO", "EPERM"]);

/** The list beside a token file. */
export function listOf(location: FileLocation): FileLocation {
  return beside(location, `${location.fileName}.origins`);
}

/**
 * What is known about the tokens stored here. A list that is missing, not readable for this user, or another user's is
 * ignored: a token then belongs to the configured platform, as it did before there were lists.
 *
 * @throws AuthError `STORAGE_READ_FAILED` if the system fails to read it, as without free file descriptors
 */
export async function readOrigins(
  access: Access,
  location: FileLocation,
  options: Pick<OpenOptions, "directory"> = {},
): Promise<OriginEntry[]> {
  try {
    const opened = await openFile(access, listOf(location), options);
    if (opened === null) return [];
    const { fd, stats, directory } = opened;
    try {
      // A file that root wrote into a user's directory belongs to that user.
      const isOurs = isTrusted(stats) || (ourUid() === 0 && stats.uid === directory.uid);
      if (!isOurs || !stats.isFile() || stats.size > MOST_BYTES) return [];
      const bytes = await readFirst(access, opened, stats.size);
      return new TextDecoder().decode(bytes).split("\n").flatMap(parseLine);
    } finally {
      await closeQuietly(access, fd);
    }
  } catch (error) {
    if (!access.signal?.aborted && NO_LIST.has(codeOf(error))) return [];
    throw asReadFailure(access, pathOf(listOf(location)), error);
  }
}

function parseLine(line: string): OriginEntry[] {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== "object" || entry === null) return [];
    const { origin, sha256 }: { origin?: unknown; sha256?: unknown } = Object.assign(
      Object.create(null),
      entry,
    );
    const isEntry =
      typeof origin === "string" && platformOrigin(origin) === origin && typeof sha256 === "string";
    return isEntry ? [{ origin, sha256 }] : [];
  } catch {
    return [];
  }
}

/**
 * The origins of the platforms that a token is known to be for, if not `origin`. Empty if it is `origin`'s or nothing
 * is known.
 */
export function otherOrigins(
  entries: readonly OriginEntry[],
  token: string,
  origin: string | null,
): string[] {
  // The usual case needs no digest.
  if (entries.length === 0) return [];
  const sha256 = digestOf(token);
  const origins = entries.filter((entry) => entry.sha256 === sha256).map((entry) => entry.origin);
  return origin !== null && origins.includes(origin) ? [] : origins;
}

interface Addition {
  readonly entries: readonly OriginEntry[];
  /** The stored token: its entry stays until it is replaced. */
  readonly stored: string | null;
  readonly token: string;
  readonly origin: string;
}

/**
 * Adds a token to the list, durably. Entries of other tokens stay: they keep a token from the wrong platform if an
 * older program writes it back.
 *
 * @throws AuthError `STORAGE_WRITE_FAILED`
 */
export async function addOrigin(
  access: Access,
  location: FileLocation,
  { entries, stored, token, origin }: Addition,
): Promise<void> {
  const sha256 = digestOf(token);
  if (entries.some((entry) => entry.sha256 === sha256 && entry.origin === origin)) return;
  const storedSha256 = stored === null ? null : digestOf(stored);
  const others = entries.filter((entry) => entry.sha256 !== storedSha256);
  const ofStored = entries.filter((entry) => entry.sha256 === storedSha256);
  const kept = [...others, ...ofStored, { origin, sha256 }].slice(-MOST_ENTRIES);
  await writeList(access, location, entries, kept);
}

/** Drops the entry of a token that is no longer stored; best effort. */
export async function dropOrigin(
  access: Access,
  location: FileLocation,
  { entries, token }: Pick<Addition, "entries" | "token">,
): Promise<void> {
  const sha256 = digestOf(token);
  const kept = entries.filter((entry) => entry.sha256 !== sha256);
  if (kept.length === entries.length) return;
  try {
    await writeList(access, location, entries, kept);
  } catch (error) {
    // The entry stays, which does no harm.
    if (!(error instanceof Overtaken)) throw error;
  }
}

/** @throws Overtaken if another process has changed the list meanwhile, whose entry would be lost */
async function writeList(
  access: Access,
  location: FileLocation,
  before: readonly OriginEntry[],
  entries: readonly OriginEntry[],
): Promise<void> {
  await writeBesideToken(access, listOf(location), textOf(entries), async () => {
    if (textOf(await readOrigins(access, location)) !== textOf(before)) throw new Overtaken();
  });
}

const textOf = (entries: readonly OriginEntry[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
