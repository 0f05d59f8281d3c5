import fs from "node:fs";
import { dirname, join } from "node:path";
import { appendLines } from "./append-lines.ts";
import {
  createFile,
  ForeignFileError,
  flushDirectory,
  giveToOwnerOf,
  openToRead,
  readAt,
  writeAll,
} from "./foreign-file.ts";
import { RESULTS_FILE } from "./locations.ts";
import type { RememberedResults } from "./operations.ts";
import { NO_RESULTS } from "./results-lines.ts";
import { carriedOver, type ResultsTail, readTail, TAIL_BYTES } from "./results-tail.ts";

const OLDER_FILE = "delegation_results.1.jsonl";
/** Leftovers of a killed rotation are overwritten by the next one. */
const NEXT_FILE = "delegation_results.next.jsonl";

/** The files of a workspace's results. */
export interface ResultsFiles {
  readonly directory: string;
  /** A file to read when the directory has none. */
  readonly former?: string;
}

/** The content at the end of a workspace's results file. */
export function loadResults(files: ResultsFiles): RememberedResults {
  try {
    finishRotation(files);
  } catch {
    // It can still be read at its old path.
  }
  const tail = readResults(files);
  if (tail === null) return NO_RESULTS;
  const { memory, damagedLines } = tail;
  return { delivered: memory.delivered, unannounced: memory.unannounced, damagedLines, isNew: false };
}

export interface Append {
  readonly lines: readonly string[];
  /** The file is replaced by a new one before it would exceed this. */
  readonly rotateBytes: number;
}

/** Appends lines. Durable once it returns; if it fails, the file is unchanged. */
export function appendResults(files: ResultsFiles, { lines, rotateBytes }: Append): void {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  makeDirectories(files.directory);
  finishRotation(files);
  const path = join(files.directory, RESULTS_FILE);
  if (appendLines({ directory: files.directory, path }, bytes, rotateBytes)) return;
  rotate(files);
  appendLines({ directory: files.directory, path }, bytes, Number.POSITIVE_INFINITY);
}

/** `null` when there is no such file. */
function readResults({ directory, former }: ResultsFiles): ResultsTail | null {
  return (
    readTailOf(join(directory, RESULTS_FILE)) ??
    readTailIfPlain(join(directory, OLDER_FILE)) ??
    (former === undefined ? null : readTailIfPlain(former))
  );
}

function readTailIfPlain(path: string): ResultsTail | null {
  try {
    return readTailOf(path);
  } catch (error) {
    if (error instanceof ForeignFileError) return null;
    throw error;
  }
}

function readTailOf(path: string): ResultsTail | null {
  const file = openToRead(path);
  if (file === null) return null;
  try {
    // Includes the byte before, which shows whether the first line is complete.
    const from = Math.max(0, file.size - TAIL_BYTES - 1);
    const tail = readTail(readAt(file.fd, file.size - from, from), { isCut: from > 0 });
    // It is created with a first line.
    return file.size === 0 ? { ...tail, damagedLines: 1 } : tail;
  } finally {
    fs.closeSync(file.fd);
  }
}

/**
 * Starts a new file with the data to remember from the old one. Nothing is lost if it is killed at any point: it first
 * writes the complete new file under a temporary name, then renames the old one, and only then renames the new one.
 */
function rotate(files: ResultsFiles): void {
  const { directory } = files;
  writeNext(files);
  fs.renameSync(join(directory, RESULTS_FILE), join(directory, OLDER_FILE));
  fs.renameSync(join(directory, NEXT_FILE), join(directory, RESULTS_FILE));
  flushDirectory(directory);
}

/** A rotation that was killed between its two renames has left only the older file. */
function finishRotation(files: ResultsFiles): void {
  const { directory, former } = files;
  if (exists(join(directory, RESULTS_FILE))) return;
  if (!exists(join(directory, OLDER_FILE)) && (former === undefined || !exists(former))) return;
  makeDirectories(directory);
  writeNext(files);
  fs.renameSync(join(directory, NEXT_FILE), join(directory, RESULTS_FILE));
  flushDirectory(directory);
}

function writeNext(files: ResultsFiles): void {
  const { directory } = files;
  const path = join(directory, NEXT_FILE);
  const bytes = carriedOver(readResults(files) ?? readTail(new Uint8Array()));
  fs.rmSync(path, { force: true });
  const fd = createFile(path);
  try {
    giveToOwnerOf(directory, fd);
    writeAll(fd, bytes);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

const exists = (path: string) => fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;

export function makeDirectories(path: string): void {
  const parent = dirname(path);
  if (fs.existsSync(path)) return;
  if (parent !== path) makeDirectories(parent);
  try {
    fs.mkdirSync(path, 0o700);
    const { uid, gid } = fs.statSync(parent);
    if (process.geteuid?.() === 0) fs.lchownSync(path, uid, gid);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  flushDirectory(parent);
}
