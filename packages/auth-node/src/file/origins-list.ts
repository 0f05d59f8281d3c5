import type { Access } from "./access.ts";
import { digestOf } from "./audience.ts";
import { beside, type FileLocation } from "./location.ts";
import { closeQuietly, openFile } from "./open-file.ts";
import { isTrusted } from "./ownership.ts";
import { ourUid } from "./user.ts";
import { writeBesideToken } from "./write-token-file.ts";

/** One line of the list: a token, by its digest, was issued by the platform of this origin. */
export interface OriginEntry {
  readonly origin: string;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** Newest last; a token that is older than these is not expected back. */
const MOST_ENTRIES = 32;

const MOST_BYTES = 64 * 1_024;

function listOf(location: FileLocation): FileLocation {
  return beside(location, `${location.fileName}.origins`);
}

/**
 * What is known of the tokens that were stored here. A list that is missing, unreadable or somebody else's says nothing:
 * then a token belongs to the configured platform, as it did before there were lists.
 */
export async function readOrigins(access: Access, location: FileLocation): Promise<OriginEntry[]> {
  try {
    const opened = await openFile(access, listOf(location));
    if (opened === null) return [];
    const { fd, stats, directory } = opened;
    try {
      // What root has written into a user's directory is that user's.
      const isOurs = isTrusted(stats) || (ourUid() === 0 && stats.uid === directory.uid);
      if (!isOurs || !stats.isFile() || stats.size > MOST_BYTES) return [];
      const bytes = Buffer.alloc(stats.size);
      const length = await access.io.read(fd, bytes, 0);
      return bytes.subarray(0, length).toString("utf8").split("\n").flatMap(parseLine);
    } finally {
      await closeQuietly(access, fd);
    }
  } catch {
    if (access.signal?.aborted) throw access.signal.reason;
    return [];
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
    return typeof origin === "string" && typeof sha256 === "string" ? [{ origin, sha256 }] : [];
  } catch {
    return [];
  }
}

/**
 * Whose a token is, if that is known and it is not `origin`'s: the origins of those platforms. Empty when it is
 * `origin`'s or nothing is known.
 */
export function otherOrigins(
  entries: readonly OriginEntry[],
  token: string,
  origin: string | null,
): string[] {
  const sha256 = digestOf(token);
  const origins = entries.filter((entry) => entry.sha256 === sha256).map((entry) => entry.origin);
  return origin !== null && origins.includes(origin) ? [] : origins;
}

interface Addition {
  readonly entries: readonly OriginEntry[];
  /** What is stored now: what is known of it has to stay until it is replaced. */
  readonly stored: string | null;
  readonly token: string;
  readonly origin: string;
}

/**
 * Adds a token to the list, durably. Entries of other tokens stay: they can only keep a token from the wrong platform,
 * should an older program write one back.
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
  await writeList(access, location, kept);
}

/** Drops what the list says of a token; best effort, for a token that is stored no more. */
export async function dropOrigin(access: Access, location: FileLocation, token: string): Promise<void> {
  const entries = await readOrigins(access, location);
  const sha256 = digestOf(token);
  const kept = entries.filter((entry) => entry.sha256 !== sha256);
  if (kept.length === entries.length) return;
  await writeList(access, location, kept);
}

async function writeList(
  access: Access,
  location: FileLocation,
  entries: readonly OriginEntry[],
): Promise<void> {
  const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`);
  await writeBesideToken(access, listOf(location), lines.join(""));
}
