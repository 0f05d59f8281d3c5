import type { Access } from "./access.ts";
import type { FileStats } from "./file-system.ts";
import { asReadFailure, Rejected, readFailure } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";
import { closeQuietly, type OpenedFile, openFile } from "./open-file.ts";
import type { ReadGuard } from "./permissions.ts";
import { storableIn } from "./stored-text.ts";

/** Four times the longest token: room for white space around one. What is longer is something else. */
export const MAX_FILE_BYTES = 64 * 1_024;

/** Other writers truncate the file and write it again; they are done within this time, about 100 ms in all. */
const RETRY_AFTER_MS = [4, 8, 16, 32, 40];

/** A file changed less long ago than this may still be under a writer's hands. */
const RECENT_MS = 100;

/** What one look at the file found. `reason`: why it holds no token, which may be over in a moment. */
type Look = { token: string | null } | { reason: string; cause?: unknown };

/**
 * The token in a file, without the white space around it; `null` when there is no file, or a blank one.
 *
 * @throws AuthError `STORAGE_READ_FAILED`, with the path and the way out, and with nothing of what is in the file
 */
export async function readTokenFile(
  access: Access,
  location: FileLocation,
  guard?: ReadGuard,
): Promise<string | null> {
  for (const delayMs of RETRY_AFTER_MS) {
    const look = await lookAt(access, location, guard);
    if ("token" in look) return look.token;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
  const last = await lookAt(access, location, guard);
  if ("token" in last) return last.token;
  if (last.reason === BLANK) return null;
  throw readFailure(pathOf(location), last.reason, last.cause);
}

const BLANK = "it is blank.";
const CHANGING = "it keeps changing while it is read. Try again.";
const TOO_LONG = "it is larger than any token. Move it away, then save the token again.";
const WAY_OUT = "Move it away, then save the token again.";
const NOT_A_TOKEN = `it does not hold a token, which is one line of at most 16,384 printable ASCII characters. ${WAY_OUT}`;

async function lookAt(access: Access, location: FileLocation, guard: ReadGuard | undefined): Promise<Look> {
  let opened: OpenedFile | null = null;
  try {
    opened = await openFile(access, location, guard);
    return opened === null ? { token: null } : await readOpened(access, opened, guard);
  } catch (error) {
    throw asReadFailure(access, pathOf(location), error);
  } finally {
    if (opened !== null) await closeQuietly(access, opened.fd);
  }
}

async function readOpened(access: Access, { fd, path, stats }: OpenedFile, guard: ReadGuard | undefined) {
  if (!stats.isFile()) throw new Rejected(`it is a ${kindOf(stats)}, not a file. ${WAY_OUT}`);
  await guard?.file(access, path, fd, stats);
  if (stats.size > MAX_FILE_BYTES) throw new Rejected(TOO_LONG);
  const first = await readWhole(access, fd, stats.size);
  if (!("token" in first) || isSettled(stats, await access.io.fstat(fd))) return first;
  const second = await readWhole(access, fd, stats.size);
  return "token" in second && second.token === first.token ? first : { reason: CHANGING };
}

/**
 * Whether a token just read was all of one writer's work. One that does not replace the file can be seen half-way, which
 * may look like a token too: then the file has changed meanwhile or just before, and only a second look can tell.
 */
function isSettled(before: FileStats, after: FileStats): boolean {
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
  const token = storableIn(text);
  return token === null ? { reason: NOT_A_TOKEN } : { token };
}

/** What may be at a path. */
export type FileKind = "file" | "directory" | "pipe" | "socket" | "symlink" | "device";

export function kindOf(stats: FileStats): FileKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isFIFO()) return "pipe";
  if (stats.isSocket()) return "socket";
  if (stats.isSymbolicLink()) return "symlink";
  return "device";
}

async function readWhole({ io }: Access, fd: number, size: number): Promise<Look> {
  // One byte more than there should be, so that a file that has grown shows.
  const buffer = Buffer.allocUnsafe(size + 1);
  const length = await io.read(fd, buffer, 0);
  return length === buffer.length ? { reason: CHANGING } : parse(buffer.subarray(0, length));
}
