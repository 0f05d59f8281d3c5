import fs from "node:fs";
import {
  type FileToAppend,
  flushDirectory,
  giveToOwnerOf,
  openToAppend,
  readAt,
  writeAll,
} from "./foreign-file.ts";

const NEWLINE = 0x0a;

/** Appends to an open file. It is on the disk after that; when it fails, the file is as before. */
function appendTo({ fd, size, isNew }: FileToAppend, directory: string, bytes: Uint8Array): void {
  if (isNew) giveToOwnerOf(directory, fd);
  try {
    // A line that a crash cut short stays as it is; the next one begins on a new line.
    if (size > 0 && readAt(fd, 1, size - 1)[0] !== NEWLINE) writeAll(fd, Uint8Array.of(NEWLINE));
    writeAll(fd, bytes);
    fs.fsyncSync(fd);
  } catch (error) {
    try {
      fs.ftruncateSync(fd, size);
    } catch {
      // Then a part of a line stays, which readers pass over.
    }
    throw error;
  }
  if (isNew) flushDirectory(directory);
}

/** Appends to the file at a path. `false`: it would become larger than `maxBytes`, and nothing was done. */
export function appendLines(
  { directory, path }: { readonly directory: string; readonly path: string },
  bytes: Uint8Array,
  maxBytes: number,
): boolean {
  const file = openToAppend(path);
  try {
    if (file.size > 0 && file.size + bytes.length > maxBytes) return false;
    appendTo(file, directory, bytes);
    return true;
  } finally {
    fs.closeSync(file.fd);
  }
}
