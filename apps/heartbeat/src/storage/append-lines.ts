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

/** A path, and its directory. */
interface Named {
  readonly directory: string;
  readonly path: string;
}

/** Appends to an open file. Durable once it returns; if it fails, the file is unchanged, or not there if it is new. */
function appendTo({ fd, size, isNew }: FileToAppend, { directory, path }: Named, bytes: Uint8Array): void {
  if (isNew) giveToOwnerOf(directory, fd);
  try {
    // A line that a crash cut off stays; the next one starts on a new line.
    if (size > 0 && readAt(fd, 1, size - 1)[0] !== NEWLINE) writeAll(fd, Uint8Array.of(NEWLINE));
    writeAll(fd, bytes);
    fs.fsyncSync(fd);
  } catch (error) {
    try {
      fs.ftruncateSync(fd, size);
      // An agent may have moved it away, and another file may have its name now.
      if (isNew && fs.lstatSync(path).ino === fs.fstatSync(fd).ino) fs.unlinkSync(path);
    } catch {
      // Part of a line stays in this case; readers skip it.
    }
    throw error;
  }
  if (isNew) flushDirectory(directory);
}

/** Appends to the file at a path. `false`: it would exceed `maxBytes`, and was not changed. */
export function appendLines(named: Named, bytes: Uint8Array, maxBytes: number): boolean {
  const file = openToAppend(named.path);
  try {
    if (file.size > 0 && file.size + bytes.length > maxBytes) return false;
    appendTo(file, named, bytes);
    return true;
  } finally {
    fs.closeSync(file.fd);
  }
}
