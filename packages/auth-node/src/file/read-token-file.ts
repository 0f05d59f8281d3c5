import { setTimeout } from "node:timers";
import { TextDecoder } from "node:util";
import type { Access } from "./access.ts";
import type { FileStats } from "./file-system.ts";
import { asReadFailure, Rejected, readFailure } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";
import { closeQuietly, type OpenedFile, openFile, readFirst } from "./open-file.ts";
import type { ReadGuard } from "./permissions.ts";
import { storableIn } from "./stored-text.ts";

/** Four times the longest token, to allow for white space. A longer file is something else. */
export const MAX_FILE_BYTES = 64 * 1_024;

/** Other writers truncate and rewrite the file; this gives them about 100 ms in all. */
const RETRY_AFTER_MS = [4, 8, 16, 32, 40];

/** The result of one attempt. `reason`: why there is no token, perhaps only for a moment. */
type Attempt = { token: string | null } | { reason: string; cause?: unknown };

/**
 * Reads the trimmed token of a file; `null` if there is no file, or it is blank.
 *
 * @throws AuthError `STORAGE_READ_FAILED`, with the path and what to do, and nothing of the file's content
 */
export async function readTokenFile(
  access: Access,
  location: FileLocation,
  guard?: ReadGuard,
): Promise<string | null> {
  for (const delayMs of RETRY_AFTER_MS) {
    const result = await attempt(access, location, guard);
    if ("token" in result) return result.token;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
  const last = await attempt(access, location, guard);
  if ("token" in last) return last.token;
  if (last.reason === BLANK) return null;
  throw readFailure(pathOf(location), last.reason, last.cause);
}

const BLANK = "it is blank.";
const CHANGING = "it keeps changing while it is read. Try again.";
const TOO_LONG = "it is larger than any token. Move it away, then save again.";
const WAY_OUT = "Move it away, then save again.";
const NOT_A_TOKEN = `it does not hold a token, which is one line of at most 16,384 printable ASCII characters. ${WAY_OUT}`;

async function attempt(
  access: Access,
  location: FileLocation,
  guard: ReadGuard | undefined,
): Promise<Attempt> {
  let opened: OpenedFile | null = null;
  try {
    opened = await openFile(access, location, { guard });
    return opened === null ? { token: null } : await readOpened(access, opened, guard);
  } catch (error) {
    throw asReadFailure(access, pathOf(location), error);
  } finally {
    if (opened !== null) await closeQuietly(access, opened.fd);
  }
}

async function readOpened(
  access: Access,
  opened: OpenedFile,
  guard: ReadGuard | undefined,
): Promise<Attempt> {
  const { fd, path, stats } = opened;
  if (!stats.isFile()) throw new Rejected(`it is a ${kindOf(stats)}, not a file. ${WAY_OUT}`);
  await guard?.file(access, path, fd, stats);
  if (stats.size > MAX_FILE_BYTES) throw new Rejected(TOO_LONG);
  const first = await readWhole(access, opened);
  if (!("token" in first)) return first;
  // A write in place can be seen half finished, which may look like a token, too. Only a second read can tell: sizes
  // and times are from a single moment, and clocks differ.
  const second = await readWhole(access, { ...opened, start: null });
  return "token" in second && second.token === first.token ? first : { reason: CHANGING };
}

function parse(bytes: Uint8Array): Attempt {
  // With or without a byte order mark: tokens are ASCII, so every second byte of UTF-16 is zero.
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isUtf16 || (bytes.length > 1 && (first === 0) !== (second === 0))) {
    return { reason: `it is UTF-16 text, not UTF-8. ${WAY_OUT}` };
  }
  let text: string;
  try {
    // Strict decoding, which also drops a byte order mark.
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch (cause) {
    return { reason: `it is not UTF-8 text. ${WAY_OUT}`, cause };
  }
  if (text === "") return { reason: BLANK };
  const token = storableIn(text);
  if (token !== null) return { token };
  // JSON printed by a command spans several lines.
  return { reason: /^[{[]/.test(text) ? `it holds JSON, not the token alone. ${WAY_OUT}` : NOT_A_TOKEN };
}

/** The kinds of file. */
export type FileKind = "file" | "directory" | "pipe" | "socket" | "symlink" | "device";

export function kindOf(stats: FileStats): FileKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isFIFO()) return "pipe";
  if (stats.isSocket()) return "socket";
  if (stats.isSymbolicLink()) return "symlink";
  return "device";
}

async function readWhole(access: Access, opened: OpenedFile): Promise<Attempt> {
  const { size } = opened.stats;
  // Request one more byte than expected, to detect a file that has grown.
  const bytes = await readFirst(access, opened, size + 1);
  return bytes.length > size ? { reason: CHANGING } : parse(bytes);
}
