import { constants } from "node:fs";
import type { Access } from "./access.ts";
import type { FileStats, FileSystem } from "./file-system.ts";
import { ELSEWHERE, Rejected } from "./fs-errors.ts";
import { isPrivate, permissionsOf } from "./permissions.ts";
import { MAX_FILE_BYTES } from "./read-token-file.ts";
import { ourUid } from "./user.ts";
import { writeAll } from "./write-all.ts";

const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDWR } = constants;

/** Only other writers, at the same moment, make more than one attempt necessary. */
const ATTEMPTS = 8;

/** However slow the disk is: whoever saves a token waits for this. */
const LONGEST_PAUSE_MS = 2_000;

const NEWLINE = 0x0a;

/** `touched`: the old token is gone, and the new one is not known to be there. */
export type InPlaceResult = { ok: true } | { ok: false; touched: boolean; error: unknown };

/** A file that is to be written in place. */
export interface InPlaceTarget {
  readonly path: string;
  /** Of its directory. */
  readonly directory: FileStats;
}

/**
 * Overwrites an existing file where it is, for a place that only allows that. It is never truncated first: at every
 * instant it holds the old token or the new one, maybe with newlines after it, which a reader trims.
 *
 * Only a regular file of our own that nobody else may read, and that has no other name: whoever may read it, or has it
 * open from a time when they could, reads what is written into it.
 */
export async function writeInPlace(
  access: Access,
  target: InPlaceTarget,
  bytes: Uint8Array,
): Promise<InPlaceResult> {
  // From the first change on it is brought to an end: an abort would leave a part of it.
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
      // Another writer came between. The last one to look repairs what they have mixed; by chance, one gets ahead. A
      // pause is measured in attempts: on a slow disk others need as long.
      const tookMs = Math.max(1, performance.now() - startedAt);
      const pauseMs = Math.random() * Math.min(2 ** attempt * tookMs, LONGEST_PAUSE_MS);
      if (attempt < ATTEMPTS) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    throw new Error("Another process keeps writing to the file at the same time");
  } catch (error) {
    return { ok: false, touched, error };
  } finally {
    // What was written is flushed and was read back: closing has nothing to add.
    await io.close(fd).catch(() => {});
  }
}

/**
 * Opens the file for it.
 *
 * @throws Rejected when it must not be written in place, and the system's errors
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
    return `it belongs to another user (uid ${file.uid}), who could read the new token. Give it to this user, ${ELSEWHERE}`;
  }
  if (file.nlink > 1) return `it has further names (${file.nlink} hard links). Remove those, ${ELSEWHERE}`;
  if (isPrivate(file)) return null;
  const mode = permissionsOf(file).toString(8);
  return `others can read it, or could until it was made 0600, and may still have it open (mode ${mode}). If they do not, run: chmod 600 ${path}. Else replace the file, ${ELSEWHERE}`;
}

/**
 * Does what can fail while the old token is still whole, above all finding the space for a longer one: newlines after
 * the old one, which the new one then only has to overwrite.
 *
 * @returns the length to be covered
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

/** @returns whether the file then holds the token, and nothing else */
async function overwrite(io: FileSystem, fd: number, bytes: Uint8Array, size: number): Promise<boolean> {
  // A file too long to be read as a token holds none that would have to be covered to its end.
  const covered = newlines(Math.max(bytes.length, Math.min(size, MAX_FILE_BYTES)));
  covered.set(bytes);
  await writeAll(io, fd, covered, 0);
  // Before the cut: else a loss of power might leave the old token, cut.
  await io.fsync(fd);
  // Cutting what another writer has put there would make a part of it.
  if (!(await startsWith(io, fd, covered))) return false;
  // Never to a greater length: to another writer's shorter token that would add zero bytes.
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
