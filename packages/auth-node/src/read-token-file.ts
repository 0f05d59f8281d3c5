import fs, { type Stats } from "node:fs";
import { checkToken, isAuthError } from "@x/auth-core";
import { codeOf, readFailure, whyUnreadable } from "./fs-errors.ts";

/** Four times the longest token: room for white space around one. What is longer is something else. */
export const MAX_FILE_BYTES = 64 * 1_024;

/** Other writers truncate the file and write it anew; they are done within this time, about 100 ms in all. */
const RETRY_AFTER_MS = [4, 8, 16, 32, 40];

/** A file changed less long ago than this may still be under a writer's hands. */
const RECENT_MS = 100;

/** A FIFO must not make us wait for its other end. */
const READ = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0);

/** What one look at the file found. `reason`: why it holds no token, which may be over in a moment. */
type Look = { token: string | null } | { reason: string; cause?: unknown };

/** Sees each opened file before its content is read. */
export type Inspector = (path: string, fd: number, stats: Stats) => void;

/**
 * The token in a file, without the white space around it; `null` when there is no file, or a blank one.
 *
 * @throws AuthError `STORAGE_READ_FAILED`, with the path and the way out, and with nothing of what is in the file
 */
export async function readTokenFile(path: string, inspect?: Inspector): Promise<string | null> {
  for (const delayMs of RETRY_AFTER_MS) {
    const look = await lookAt(path, inspect);
    if ("token" in look) return look.token;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
  const last = await lookAt(path, inspect);
  if ("token" in last) return last.token;
  if (last.reason === BLANK) return null;
  throw readFailure(path, last.reason, last.cause);
}

const BLANK = "it is blank.";
const CHANGING = "it keeps changing while it is read. Try again.";
const TOO_LONG = "it is larger than any token. Move it away, then save the token again.";
const NOT_A_TOKEN =
  "it does not hold a token, which is one line of at most 16,384 printable ASCII characters. ";
const WAY_OUT = "Move it away, then save the token again.";

async function lookAt(path: string, inspect?: Inspector): Promise<Look> {
  let fd: number;
  try {
    fd = await open(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { token: null };
    throw readFailure(path, whyUnreadable(error), error);
  }
  try {
    const before = fs.fstatSync(fd);
    if (!before.isFile()) throw readFailure(path, `it is a ${kindOf(before)}, not a file. ${WAY_OUT}`);
    inspect?.(path, fd, before);
    if (before.size > MAX_FILE_BYTES) throw readFailure(path, TOO_LONG);
    const first = await readWhole(fd, before.size);
    if (!("token" in first) || isSettled(before, fs.fstatSync(fd))) return first;
    const second = await readWhole(fd, before.size);
    return "token" in second && second.token === first.token ? first : { reason: CHANGING };
  } catch (error) {
    if (isAuthError(error)) throw error;
    throw readFailure(path, whyUnreadable(error), error);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Whether a token just read was all of one writer's work. One that does not replace the file can be seen half-way, which
 * may look like a token too: then the file has changed meanwhile or just before, and only a second look can tell.
 */
function isSettled(before: Stats, after: Stats): boolean {
  // Not by the change time: that also moves when the file is replaced while we hold it, and then it is still whole.
  const unchanged = before.size === after.size && before.mtimeMs === after.mtimeMs;
  return unchanged && Math.abs(Date.now() - before.ctimeMs) > RECENT_MS;
}

function parse(bytes: Uint8Array): Look {
  let text: string;
  try {
    // Strict, and it drops a byte order mark.
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch (cause) {
    return { reason: `it is not UTF-8 text. ${WAY_OUT}`, cause };
  }
  if (text === "") return { reason: BLANK };
  try {
    return { token: checkToken(text) };
  } catch (cause) {
    return { reason: NOT_A_TOKEN + WAY_OUT, cause };
  }
}

/** What may be at a path. */
export type FileKind = "file" | "directory" | "pipe" | "socket" | "symlink" | "device";

export function kindOf(stats: Stats): FileKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isFIFO()) return "pipe";
  if (stats.isSocket()) return "socket";
  if (stats.isSymbolicLink()) return "symlink";
  return "device";
}

function open(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.open(path, READ, (error, fd) => (!error ? resolve(fd) : reject(error)));
  });
}

async function readWhole(fd: number, size: number): Promise<Look> {
  // One byte more than there should be, so that a file that has grown shows.
  const buffer = Buffer.allocUnsafe(size + 1);
  const length = await read(fd, buffer);
  return length === buffer.length ? { reason: CHANGING } : parse(buffer.subarray(0, length));
}

function read(fd: number, buffer: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, buffer, 0, buffer.length, 0, (error, length) => (!error ? resolve(length) : reject(error)));
  });
}
