import fs from "node:fs";
import { isExposed, makePrivate } from "./file-mode.ts";
import { flush } from "./flush.ts";
import { ourUid } from "./fs-errors.ts";
import { MAX_FILE_BYTES } from "./read-token-file.ts";
import { writeAll } from "./write-all.ts";

const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDWR } = fs.constants;

/** Only other writers, at the same moment, make more than one attempt necessary. */
const ATTEMPTS = 8;

/** However slow the disk is: whoever saves a token waits for this. */
const LONGEST_PAUSE_MS = 2_000;

const NEWLINE = 0x0a;

/** `touched`: the old token is gone, and the new one is not known to be there. */
export type InPlaceResult = { ok: true } | { ok: false; touched: boolean; error: unknown };

/**
 * Overwrites an existing file where it is, for a place that only allows that. It is never truncated first: at every
 * instant it holds the old token or the new one, maybe with newlines after it, which a reader trims.
 */
export async function writeInPlace(target: string, bytes: Uint8Array): Promise<InPlaceResult> {
  let fd: number;
  try {
    fd = fs.openSync(target, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
  } catch (error) {
    return { ok: false, touched: false, error };
  }
  let touched = false;
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const startedAt = performance.now();
      const length = await prepare(fd, bytes.length);
      touched = true;
      if (await overwrite(fd, bytes, length)) return { ok: true };
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
    fs.closeSync(fd);
  }
}

/**
 * Does what can fail while the old token is still whole, above all finding the space for a longer one: newlines after
 * the old one, which the new one then only has to overwrite.
 *
 * @returns the length to be covered
 */
async function prepare(fd: number, length: number): Promise<number> {
  const found = fs.fstatSync(fd);
  if (!found.isFile()) throw new Error("It is not a regular file any more");
  if (found.uid === ourUid() && isExposed(found)) makePrivate(fd);
  if (length <= found.size) return found.size;
  try {
    writeAll(fd, newlines(length - found.size), found.size);
    await flush(fd);
  } catch (error) {
    fs.ftruncateSync(fd, found.size);
    throw error;
  }
  return length;
}

/** @returns whether the file then holds the token, and nothing else */
async function overwrite(fd: number, bytes: Uint8Array, size: number): Promise<boolean> {
  // A file too long to be read as a token holds none that would have to be covered to its end.
  const covered = newlines(Math.max(bytes.length, Math.min(size, MAX_FILE_BYTES)));
  covered.set(bytes);
  writeAll(fd, covered, 0);
  // Before the cut: else a loss of power might leave the old token, cut.
  await flush(fd);
  // Cutting what another writer has put there would make a part of it.
  if (!startsWith(fd, covered)) return false;
  // Never to a greater length: to another writer's shorter token that would add zero bytes.
  if (fs.fstatSync(fd).size > bytes.length) fs.ftruncateSync(fd, bytes.length);
  await flush(fd);
  return fs.fstatSync(fd).size === bytes.length && startsWith(fd, bytes);
}

function startsWith(fd: number, expected: Uint8Array): boolean {
  const found = new Uint8Array(expected.length);
  const length = fs.readSync(fd, found, 0, found.length, 0);
  return length === expected.length && expected.every((byte, index) => byte === found[index]);
}

function newlines(length: number): Uint8Array {
  return new Uint8Array(length).fill(NEWLINE);
}
