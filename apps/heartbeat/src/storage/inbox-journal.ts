import fs from "node:fs";
import { join } from "node:path";
import { appendLines } from "./append-lines.ts";
import { createFile, flushDirectory, giveToOwnerOf, openToRead, readAt, writeAll } from "./foreign-file.ts";
import { readInboxes } from "./inbox-lines.ts";
import { FAILED_MESSAGES_FILE, INBOX_FILE } from "./locations.ts";
import { makeDirectories } from "./results-journal.ts";
import type { LoadedInbox } from "./workspace-store.ts";

const NEXT_FILE = "inbox.next.jsonl";
const OLDER_FAILED_FILE = "failed_messages.1.jsonl";

/** From this size, the file is rewritten if that halves it. */
const COMPACT_BYTES = 512 * 1_024;
/** A larger file was not written by us alone; only its end is read. */
const MAX_READ_BYTES = 64 * 1_024 * 1_024;

/**
 * An inbox in the file in a directory.
 *
 * @param owner whose; `null`: the directory has only one
 */
export function loadInbox(directory: string, owner: string | null): LoadedInbox {
  const inboxes = readAll(join(directory, INBOX_FILE));
  return { ...inboxes.of(owner).loaded(), damagedLines: inboxes.damagedLines };
}

/** Appends lines. Durable once it returns; if it fails, the file is unchanged. */
export function appendInbox(directory: string, lines: readonly string[]): void {
  const bytes = bytesOf(lines);
  makeDirectories(directory);
  const path = join(directory, INBOX_FILE);
  if (appendLines({ directory, path }, bytes, COMPACT_BYTES)) return;
  const carried = bytesOf(readAll(path).lines());
  if (carried.length < COMPACT_BYTES / 2) replace(directory, path, carried);
  appendLines({ directory, path }, bytes, Number.POSITIVE_INFINITY);
}

/** Appends a message that was set aside; a file that would grow too large is replaced by a new one. */
export function appendFailedMessage(directory: string, line: string, rotateBytes: number): void {
  const bytes = bytesOf([line]);
  makeDirectories(directory);
  const path = join(directory, FAILED_MESSAGES_FILE);
  if (appendLines({ directory, path }, bytes, rotateBytes)) return;
  fs.renameSync(path, join(directory, OLDER_FAILED_FILE));
  appendLines({ directory, path }, bytes, Number.POSITIVE_INFINITY);
}

function readAll(path: string) {
  const file = openToRead(path);
  if (file === null) return readInboxes(Buffer.alloc(0));
  try {
    // Includes the byte before, which shows whether the first line is complete.
    const from = Math.max(0, file.size - MAX_READ_BYTES - 1);
    const inboxes = readInboxes(readAt(file.fd, file.size - from, from), { isCut: from > 0 });
    // It is created with a first line.
    if (file.size === 0) inboxes.damagedLines = 1;
    return inboxes;
  } finally {
    fs.closeSync(file.fd);
  }
}

/** If killed at any point, either the old or the new file is there, complete. */
function replace(directory: string, path: string, bytes: Uint8Array): void {
  const next = join(directory, NEXT_FILE);
  fs.rmSync(next, { force: true });
  const fd = createFile(next);
  try {
    giveToOwnerOf(directory, fd);
    writeAll(fd, bytes);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  fs.renameSync(next, path);
  flushDirectory(directory);
}

const bytesOf = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(""));
