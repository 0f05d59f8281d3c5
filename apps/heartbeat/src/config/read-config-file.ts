import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { PendingCalls } from "./pending-calls.ts";

/** Far larger than any list of workspaces or agent card. */
export const MAX_LIST_BYTES = 64 * 1_024 * 1_024;
export const MAX_CARD_BYTES = 1_024 * 1_024;

interface ReadConfigFileOptions {
  readonly maxBytes: number;
  /**
   * Also accepts a pipe (`/dev/stdin`, `<(command)`), which can be read only once: for startup.
   *
   * @default false: regular files only
   */
  readonly allowPipe?: boolean;
  /** Called with the file's status just before it is read, so that no later change is missed. @default nothing */
  readonly onFound?: (found: BigIntStats) => void;
  /** @default 5000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export type ReadConfigFile = (path: string, options: ReadConfigFileOptions) => Promise<string>;

const { O_NONBLOCK = 0, O_RDONLY } = constants;

/** Polling interval for more data from a pipe. */
const POLL_MS = 10;
const CHUNK_BYTES = 64 * 1_024;

/**
 * Reads configuration files at any path that an operator may give: never waits longer than a limit, and leaves at most
 * one pending call for a path whose disk hangs.
 *
 * @param pending also has the calls that it stops waiting for
 * @returns a function that reads one as text, without a byte order mark; it rejects with an Error whose message is a
 * sentence to append to the path, or with the signal's reason
 * @example
 * const read = createConfigFileReader();
 * const list = await read("workspaces.json", { maxBytes: MAX_LIST_BYTES, allowPipe: true });
 */
export function createConfigFileReader(pending = new PendingCalls()): ReadConfigFile {
  const unanswered = new Set<string>();

  return async (path, { maxBytes, allowPipe = false, onFound = () => {}, timeoutMs = 5_000, signal }) => {
    signal?.throwIfAborted();
    const noAnswer = () => new Error(`it cannot be read (no answer within ${timeoutMs / 1_000} s).`);
    if (unanswered.has(path)) throw noAnswer();
    const giveUp = new AbortController();
    const reading = pending.add(readBytes({ path, maxBytes, allowPipe, onFound, signal: giveUp.signal }));
    unanswered.add(path);
    const answered = () => unanswered.delete(path);
    reading.then(answered, answered);
    return decode(await withinTime(reading, { timeoutMs, signal, giveUp, noAnswer }));
  };
}

interface Limits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Aborted once the caller has its error. */
  readonly giveUp: AbortController;
  readonly noAnswer: () => Error;
}

function withinTime<T>(work: Promise<T>, { timeoutMs, signal, giveUp, noAnswer }: Limits): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (error: unknown) => {
      giveUp.abort(error);
      reject(error);
    };
    const timer = setTimeout(() => end(noAnswer()), timeoutMs);
    const onAbort = () => end(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    });
  });
}

interface Reading {
  readonly path: string;
  readonly maxBytes: number;
  readonly allowPipe: boolean;
  readonly onFound: (found: BigIntStats) => void;
  readonly signal: AbortSignal;
}

async function readBytes({ path, maxBytes, allowPipe, onFound, signal }: Reading): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    // Opening a device may have side effects, so this check comes first.
    const status = await stat(path, { bigint: true });
    onFound(status);
    reject(status, allowPipe);
    signal.throwIfAborted();
    file = await open(path, O_RDONLY | O_NONBLOCK);
    const found = await file.stat();
    reject(found, allowPipe);
    if (found.size > maxBytes) throw tooLarge(maxBytes);
    return await readAll(file, { isPipe: found.isFIFO(), maxBytes, signal });
  } catch (error) {
    throw asProblem(error);
  } finally {
    await file?.close();
  }
}

interface Kind {
  isFile(): boolean;
  isFIFO(): boolean;
  isDirectory(): boolean;
}

function reject(stats: Kind, allowPipe: boolean): void {
  if (stats.isFile() || (allowPipe && stats.isFIFO())) return;
  if (stats.isDirectory()) throw new Problem("it is a directory, not a file.");
  if (!stats.isFIFO()) throw new Problem("it is a device or a socket, not a file.");
  throw new Problem("it is a pipe, which can be read only at the start. Put a file there.");
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such file"],
  ["EACCES", "this user may not read it"],
  ["ENOTDIR", "a part of the path is not a directory"],
  ["ELOOP", "its symbolic links are circular"],
]);

/** A reason written as a sentence, unlike a system error. */
class Problem extends Error {}

function asProblem(error: unknown): unknown {
  const { code }: { code?: unknown } = Object(error);
  // The reason of an abort has a number as its code.
  if (typeof code !== "string") return error;
  const why = REASONS.get(code);
  const sentence = `it cannot be read (${code})${why === undefined ? "" : `: ${why}`}.`;
  return new Error(sentence, { cause: error });
}

function tooLarge(maxBytes: number): Error {
  return new Problem(`it is larger than ${maxBytes / 1_024 / 1_024} MiB.`);
}

async function readAll(
  file: FileHandle,
  { isPipe, maxBytes, signal }: { isPipe: boolean; maxBytes: number; signal: AbortSignal },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for (;;) {
    signal.throwIfAborted();
    const chunk = await readChunk(file);
    // An empty pipe: its writer has written nothing yet (`null`), or has not opened it yet.
    if (chunk === null || (isPipe && chunk.length === 0 && length === 0)) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      continue;
    }
    if (chunk.length === 0) return Buffer.concat(chunks);
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
}

async function readChunk(file: FileHandle): Promise<Buffer | null> {
  try {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return null;
    throw error;
  }
}

/** UTF-8, as JSON requires; other encodings are named in the error. */
function decode(bytes: Buffer): string {
  const [first, second, third, fourth] = bytes;
  if (bytes.length > 0 && bytes.every((byte) => byte === 0)) throw new Problem("it holds nothing but zeros.");
  const isUtf32 = (first === 0 && second === 0) || (third === 0 && fourth === 0);
  if (isUtf32) throw new Problem("it is UTF-32 text. Save it as UTF-8.");
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  // Without a byte order mark: JSON starts with ASCII, so every second byte is zero.
  if (isUtf16 || first === 0 || second === 0) throw new Problem("it is UTF-16 text. Save it as UTF-8.");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Problem("it is not UTF-8 text. Save it as UTF-8.");
  }
}
