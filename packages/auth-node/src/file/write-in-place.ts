import { constants } from "node:fs";
import type { Access } from "./access.ts";
import type { FileStats, FileSystem } from "./file-system.ts";
import { ELSEWHERE, Rejected } from "./fs-errors.ts";
import { isPrivate, permissionsOf } from "./permissions.ts";
import { MAX_FILE_BYTES } from "./read-token-file.ts";
import { ourUid } from "./user.ts";
import { writeAll } from "./write-all.ts";

const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDWR } = constants;

/** Only concurrent writers make more than one attempt necessary. */
const ATTEMPTS = 8;

/** Even on a slow disk, because a save is waiting. */
const LONGEST_PAUSE_MS = 2_000;

const NEWLINE = 0x0a;

/** `touched`: the old token is lost, and the new one may not be stored. */
export type InPlaceResult = { ok: true } | { ok: false; touched: boolean; error: unknown };

/** A file to be written in place. */
export interface InPlaceTarget {
  readonly path: string;
  /** The metadata of its directory. */
  readonly directory: FileStats;
}

/**
 * Overwrites an existing file in place, for locations that allow nothing else. The file is never truncated first: at
 * every moment it holds the old token or the new one, possibly followed by newlines, which readers trim.
 *
 * Requires a regular file of our own, with a single hard link, that no other user may read: a user who may read it, or
 * still has it open from when they could, would read the new token.
 */
export async function writeInPlace(
  access: Access,
  target: InPlaceTarget,
  bytes: Uint8Array,
): Promise<InPlaceResult> {
  // Runs to the end once it has changed the file: an abort would leave a partial token.
  const { always: io } = access;
  let fd: number;
  try {
    fd = await openInPlace(access, target);
  } catch (error) {
    return { ok: false, touched: false, error };
  }
  let touched = false;
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const startedAt = performance.now();
      const length = await prepare(io, fd, bytes.length);
      touched = true;
      if (await overwrite(io, fd, bytes, length)) return { ok: true };
      // Another writer interfered. The last one to check repairs the mixed content; a random pause lets one of them get
      // ahead. The pause scales with the time of an attempt, because on a slow disk the others need as long.
      const tookMs = Math.max(1, performance.now() - startedAt);
      const pauseMs = Math.random() * Math.min(2 ** attempt * tookMs, LONGEST_PAUSE_MS);
      if (attempt < ATTEMPTS) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    throw new Error("Another process keeps writing to the file at the same time");
  } catch (error) {
    return { ok: false, touched, error };
  } finally {
    // The content was flushed and read back, so an error on close does not matter.
    await io.close(fd).catch(() => {});
  }
}

/**
 * Opens the file for writing in place.
 *
 * @throws Rejected if it must not be written in place, and the system's errors
 */
export async function openInPlace({ io, always }: Access, target: InPlaceTarget): Promise<number> {
  const fd = await io.open(target.path, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
  try {
    const why = whyNotOurs(await io.fstat(fd), target);
    if (why !== null) throw new Rejected(why);
    return fd;
  } catch (error) {
    await always.close(fd).catch(() => {});
    throw error;
  }
}

function whyNotOurs(file: FileStats, { path, directory }: InPlaceTarget): string | null {
  if (!file.isFile()) return "it is not a regular file any more.";
  const us = ourUid();
  if (us === undefined) return null;
  const isOurs = file.uid === us || (us === 0 && file.uid === directory.uid);
  if (!isOurs) {
    return `it belongs to another user (uid ${file.uid}), who could read the new content. Give it to this user, ${ELSEWHERE}`;
  }
  if (file.nlink > 1) return `it has ${file.nlink} hard links. Remove the others, ${ELSEWHERE}`;
  if (isPrivate(file)) return null;
  const mode = permissionsOf(file).toString(8);
  return `others can read it, or could until it was made 0600, and may still have it open (mode ${mode}). If no one has, run: chmod 600 ${path}. Otherwise replace the file, ${ELSEWHERE}`;
}

/**
 * Does everything that can fail while the old token is still intact, above all reserving space for a longer one:
 * appends newlines, which the new token then overwrites.
 *
 * @returns the length to overwrite
 */
async function prepare(io: FileSystem, fd: number, length: number): Promise<number> {
  const { size } = await io.fstat(fd);
  if (length <= size) return size;
  try {
    await writeAll(io, fd, newlines(length - size), size);
    await io.fsync(fd);
  } catch (error) {
    await io.ftruncate(fd, size);
    throw error;
  }
  return length;
}

/** @returns whether the file then holds exactly the token */
async function overwrite(io: FileSystem, fd: number, bytes: Uint8Array, size: number): Promise<boolean> {
  // The end of a file too long for a token need not be overwritten.
  const covered = newlines(Math.max(bytes.length, Math.min(size, MAX_FILE_BYTES)));
  covered.set(bytes);
  await writeAll(io, fd, covered, 0);
  // Flush before truncating: otherwise a power loss might leave the old token truncated.
  await io.fsync(fd);
  // Do not truncate another writer's content, which would leave a partial token.
  if (!(await startsWith(io, fd, covered))) return false;
  // Never extend the file: that would add zero bytes to another writer's shorter token.
  if ((await io.fstat(fd)).size > bytes.length) await io.ftruncate(fd, bytes.length);
  await io.fsync(fd);
  return (await io.fstat(fd)).size === bytes.length && (await startsWith(io, fd, bytes));
}

async function startsWith(io: FileSystem, fd: number, expected: Uint8Array): Promise<boolean> {
  const found = new Uint8Array(expected.length);
  const length = await io.read(fd, found, 0);
  return length === expected.length && expected.every((byte, index) => byte === found[index]);
}

function newlines(length: number): Uint8Array {
  return new Uint8Array(length).fill(NEWLINE);
}
