import { write as writeFile, writeSync } from "node:fs";
import { Socket } from "node:net";
import { makeNonBlocking } from "./non-blocking-terminal.ts";

/** One of the process's standard streams: `process.stdout` or `process.stderr`. */
export type ProcessStream = NodeJS.WriteStream & { readonly fd: number };

/** Text that could not be written. */
export interface DroppedText {
  /** The number of pieces since the last report: for a log, of lines. */
  readonly count: number;
  /** The system's code, such as `ENOSPC` or `EPIPE`; `null` if the reader was too slow. */
  readonly code: string | null;
}

/** Options of a process's output. */
export interface ProcessOutputOptions {
  /** Applied to each piece of text last. @default unchanged */
  readonly redact?: (text: string) => string;
  /**
   * Child processes write to the stream, too: then it may block although Node assumes that it does not.
   *
   * @default false
   */
  readonly isShared?: boolean;
  /** The maximum number of bytes buffered for the reader; further text is dropped. @default unlimited */
  readonly maxBytes?: number;
  /** Called when writing resumes after text was dropped. @default nothing */
  readonly onResumed?: (dropped: DroppedText) => void;
  /** In ms, from a failed write to the next attempt. @default 1000 */
  readonly retryMs?: number;
}

/** The overhead of a buffered piece of text, in bytes. */
const PIECE_BYTES = 64;

/** The maximum size of one write. */
const CHUNK_LENGTH = 64 * 1_024;

/** The time limits of `end()` for a reader, and for a disk, which responds if it works at all. */
const READER_MS = 500;
const DISK_MS = 3_000;

/**
 * Standard output or standard error of a process with other work. Writing never blocks, throws or keeps the process
 * alive: not when a reader stalls or leaves, when the disk is full, or when the terminal is closed.
 *
 * Node's own streams do not guarantee that: for files and terminals they block, and an unhandled error is fatal.
 *
 * @example
 * const out = new ProcessOutput(process.stdout, { maxBytes: 1_048_576 });
 * out.write("one line\n");
 * await out.end();
 */
export class ProcessOutput {
  readonly #stream: ProcessStream;
  /** Files, and streams that may block, are written in the thread pool; others with libuv's streams. */
  readonly #isFile: boolean;
  readonly #redact: (text: string) => string;
  readonly #retryMs: number;
  #maxBytes: number;
  #onResumed: (dropped: DroppedText) => void;
  #waiting: string[] = [];
  #waitingBytes = 0;
  /** Passed to the system, or partly written. */
  #chunk: Buffer | null = null;
  #isWriting = false;
  #retry: NodeJS.Timeout | undefined;
  #failure: string | null = null;
  #dropped = 0;
  #unsaid = 0;
  #onSettled = () => {};

  constructor(stream: ProcessStream, options: ProcessOutputOptions = {}) {
    const { redact = (text) => text, maxBytes = Number.POSITIVE_INFINITY, retryMs = 1_000 } = options;
    const { isShared = false } = options;
    this.#stream = stream;
    this.#redact = redact;
    this.#retryMs = retryMs;
    this.#maxBytes = maxBytes;
    this.#onResumed = options.onResumed ?? (() => {});
    const mayBlock = stream.isTTY === true ? !makeNonBlocking(stream) : isShared;
    this.#isFile = !(stream instanceof Socket) || mayBlock;
    // Each write reports its own error; without this listener the process would exit.
    stream.on("error", () => {});
    process.on("exit", () => this.flush());
  }

  /** The number of pieces of text dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** True while text is waiting for the reader or the disk. */
  get isWaiting(): boolean {
    return this.#chunk !== null || this.#waiting.length > 0;
  }

  /** True while an unresponsive disk blocks one of the process's threads: then it cannot exit, only be killed. */
  get isStuck(): boolean {
    return this.#isFile && this.#isWriting;
  }

  /** For long-running processes: from now on a stalled reader costs text, not memory. */
  dropBeyond(maxBytes: number, onResumed: (dropped: DroppedText) => void): void {
    this.#maxBytes = maxBytes;
    this.#onResumed = onResumed;
  }

  /** Writes text, completely or not at all. */
  write(text: string): void {
    const shown = this.#redact(text);
    const bytes = Buffer.byteLength(shown) + PIECE_BYTES;
    if (this.isWaiting && this.#waitingBytes + bytes > this.#maxBytes) {
      this.#dropped += 1;
      this.#unsaid += 1;
      return;
    }
    this.#waiting.push(shown);
    this.#waitingBytes += bytes;
    this.#next();
  }

  /**
   * Settles when all text is written, however slow the reader is: with `null`, or with the system's code if it cannot be
   * written. For a command whose output is its result.
   */
  async written(): Promise<string | null> {
    this.#failure = null;
    this.#retryNow();
    while (this.isWaiting && this.#failure === null) {
      await new Promise<void>((resolve) => {
        this.#onSettled = resolve;
      });
    }
    return this.#failure;
  }

  /** Settles when all text is written, or after a timeout, which is longer for a disk than for a reader. */
  async end(): Promise<void> {
    this.#retryNow();
    if (!this.isWaiting) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#isFile ? DISK_MS : READER_MS);
      this.#onSettled = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Writes as much of the buffer as possible without waiting, just before the process exits. */
  flush(): void {
    if (!this.isWaiting || this.isStuck) return;
    const rest = [...(this.#isWriting || this.#chunk === null ? [] : [this.#chunk])];
    const bytes = Buffer.concat([...rest, Buffer.from(this.#waiting.join(""))]);
    this.#waiting = [];
    this.#waitingBytes = 0;
    try {
      if (this.#isFile) writeSync(this.#stream.fd, bytes);
      else this.#stream.write(bytes);
    } catch {
      // There is nowhere left to report it.
    }
  }

  #next(): void {
    if (this.#isWriting || this.#retry !== undefined) return;
    this.#chunk ??= this.#takeChunk();
    if (this.#chunk === null) {
      this.#settled();
      return;
    }
    this.#isWriting = true;
    const chunk = this.#chunk;
    if (this.#isFile) writeFile(this.#stream.fd, chunk, (error, count) => this.#wrote(error, count));
    else this.#stream.write(chunk, (error) => this.#wrote(error ?? null, chunk.length));
  }

  #takeChunk(): Buffer | null {
    let count = 0;
    for (let length = 0; count < this.#waiting.length && length < CHUNK_LENGTH; count += 1) {
      length += this.#waiting[count]?.length ?? 0;
    }
    if (count === 0) return null;
    const chunk = Buffer.from(this.#waiting.splice(0, count).join(""));
    this.#waitingBytes -= chunk.length + count * PIECE_BYTES;
    return chunk;
  }

  #wrote(error: NodeJS.ErrnoException | null, count: number): void {
    this.#isWriting = false;
    if (error !== null) {
      this.#failure = error.code ?? error.name;
      this.#retry = setTimeout(() => this.#retryNow(), this.#retryMs);
      this.#retry.unref();
      this.#onSettled();
      return;
    }
    const isWhole = this.#chunk === null || count >= this.#chunk.length;
    this.#chunk = isWhole ? null : (this.#chunk?.subarray(count) ?? null);
    this.#next();
  }

  #retryNow(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#next();
  }

  /** Everything is written. */
  #settled(): void {
    const dropped = { count: this.#unsaid, code: this.#failure };
    this.#unsaid = 0;
    this.#failure = null;
    this.#onSettled();
    if (dropped.count > 0) this.#onResumed(dropped);
  }
}
