import { TextDecoder } from "node:util";
import { platformOrigin } from "@x/auth-core";
import { ownProperties } from "../own.ts";
import type { Access } from "./access.ts";
import { type Audience, digestOf } from "./audience.ts";
import type { FileStats } from "./file-system.ts";
import { asReadFailure, asWriteFailure, codeOf, Rejected } from "./fs-errors.ts";
import { beside, type FileLocation, pathOf } from "./location.ts";
import { closeQuietly, type OpenOptions, openFile, readFirst } from "./open-file.ts";
import { Overtaken } from "./overtaken.ts";
import { isTrusted, isWritableByAnyone } from "./ownership.ts";
import { readTokenFile } from "./read-token-file.ts";
import { ourUid } from "./user.ts";
import { writeBesideToken } from "./write-token-file.ts";

/** One line of the list: whom a token, identified by its digest, is for. */
export interface OriginEntry {
  readonly origin: string;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
  /** Absent: saved without one, for any workspace of the platform. */
  readonly workspaceId?: string;
}

/** Newest last. Older tokens are not expected to reappear. */
const MOST_ENTRIES = 32;

/** Far more than the longest list. */
const MOST_BYTES = 1_024 * 1_024;

/**
 * There is no list, none for this user, or beside a file with so long a name there can be none. After any other error,
 * it may say that the token is another platform's.
 */
const NO_LIST = new Set(["EACCES", "ENAMETOOLONG", "ENOENT", "ENOTDIR", "EPERM"]);

/** The list beside a token file. */
export function listOf(location: FileLocation): FileLocation {
  return beside(location, `${location.fileName}.origins`);
}

/**
 * What is known about the tokens stored here. A list that is missing, not readable for this user, or another user's is
 * ignored: a token then belongs to the configured platform and workspace, as it did before there were lists.
 *
 * @param before what the caller does next: use the token, or change it
 * @throws AuthError if the list is damaged or the system fails to read it, as without free file descriptors
 */
export async function readOrigins(
  access: Access,
  location: FileLocation,
  before: "use" | "change" = "use",
  options: Pick<OpenOptions, "directory"> = {},
): Promise<OriginEntry[]> {
  try {
    const opened = await openFile(access, listOf(location), options);
    if (opened === null) return [];
    const { fd, stats, directory } = opened;
    try {
      if (!isTrusted(stats) && !isTrustedByRoot(stats, directory)) return [];
      if (!stats.isFile() || stats.size > MOST_BYTES) throw new Rejected(DAMAGED);
      const bytes = await readFirst(access, opened, stats.size);
      const text = new TextDecoder().decode(bytes).trimEnd();
      // Version 0.1.0 empties it when it removes the only token. A token to use is there, or was a moment ago.
      const mayBeEmpty = text === "" && before === "change";
      if (mayBeEmpty && (await readTokenFile(access, location).catch(() => "")) === null) return [];
      return text.split("\n").map(parseLine);
    } finally {
      await closeQuietly(access, fd);
    }
  } catch (error) {
    if (!access.signal?.aborted && NO_LIST.has(codeOf(error))) return [];
    const failure = before === "use" ? asReadFailure : asWriteFailure;
    throw failure(access, pathOf(listOf(location)), error);
  }
}

/**
 * Root uses the tokens that others keep in a directory, and so their list: its owner's, and where no other user can put
 * files, anyone's.
 */
function isTrustedByRoot(list: FileStats, directory: FileStats): boolean {
  return ourUid() === 0 && (list.uid === directory.uid || !isWritableByAnyone(directory));
}

const DAMAGED =
  "it is damaged, and does not say whose the token is. Move it away; move the token too, unless it is the configured workspace's.";

function parseLine(line: string): OriginEntry {
  try {
    const { origin, sha256, workspaceId }: { [name in keyof OriginEntry]?: unknown } = ownProperties(
      JSON.parse(line),
    );
    if (typeof origin === "string" && platformOrigin(origin) === origin && typeof sha256 === "string") {
      if (workspaceId === undefined) return { origin, sha256 };
      if (typeof workspaceId === "string") return { origin, sha256, workspaceId };
    }
  } catch {}
  throw new Rejected(DAMAGED);
}

/** Whether a token may be used for an audience. Only two different workspace ids exclude each other. */
export function isFor(entry: OriginEntry, { origin, workspaceId }: Audience): boolean {
  if (entry.origin !== origin) return false;
  return entry.workspaceId === undefined || workspaceId === null || entry.workspaceId === workspaceId;
}

/** Whom a token is known to be for, if not for `audience`. Empty if it is, or if nothing is known. */
export function otherOwners(
  entries: readonly OriginEntry[],
  token: string,
  audience: Audience | null,
): OriginEntry[] {
  // The usual case needs no digest.
  if (entries.length === 0) return [];
  const sha256 = digestOf(token);
  const owners = entries.filter((entry) => entry.sha256 === sha256);
  return audience !== null && owners.some((owner) => isFor(owner, audience)) ? [] : owners;
}

/** Whether a token is recorded as this audience's, not only as any workspace's. */
export function isListed(
  entries: readonly OriginEntry[],
  token: string,
  { origin, workspaceId }: Audience,
): boolean {
  const sha256 = digestOf(token);
  return entries.some(
    (entry) =>
      entry.sha256 === sha256 &&
      entry.origin === origin &&
      (workspaceId === null || entry.workspaceId === workspaceId),
  );
}

interface Addition {
  readonly entries: readonly OriginEntry[];
  /** The stored token: its entry stays until it is replaced. */
  readonly stored: string | null;
  readonly token: string;
  readonly audience: Audience;
}

/**
 * Adds a token to the list, durably. Entries of other tokens stay: they keep a token from the wrong audience if an
 * older program writes it back. A token that was any workspace's becomes this one's.
 *
 * @throws AuthError `STORAGE_WRITE_FAILED`
 */
export async function addOrigin(
  access: Access,
  location: FileLocation,
  { entries, stored, token, audience }: Addition,
): Promise<void> {
  const { origin, workspaceId } = audience;
  if (isListed(entries, token, audience)) return;
  const sha256 = digestOf(token);
  const same = entries.filter((entry) => entry.sha256 === sha256 && isFor(entry, audience));
  const storedSha256 = stored === null ? null : digestOf(stored);
  const rest = entries.filter((entry) => !same.includes(entry));
  const others = rest.filter((entry) => entry.sha256 !== storedSha256);
  const ofStored = rest.filter((entry) => entry.sha256 === storedSha256);
  const added = { origin, sha256, ...(workspaceId !== null && { workspaceId }) };
  const kept = [...others, ...ofStored, added].slice(-MOST_ENTRIES);
  await writeList(access, location, entries, kept);
}

/** @throws Overtaken if another process has changed the list meanwhile, whose entry would be lost */
async function writeList(
  access: Access,
  location: FileLocation,
  before: readonly OriginEntry[],
  entries: readonly OriginEntry[],
): Promise<void> {
  await writeBesideToken(access, listOf(location), textOf(entries), async () => {
    if (textOf(await readOrigins(access, location, "change")) !== textOf(before)) throw new Overtaken();
  });
}

const textOf = (entries: readonly OriginEntry[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
