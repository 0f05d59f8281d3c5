import fs from "node:fs";
import { join } from "node:path";
import { createFile, giveToOwnerOf, openToRead, readAt, writeAll } from "./foreign-file.ts";
import { configsDirOf } from "./locations.ts";
import type { MarkRunner } from "./operations.ts";

/** A runner's mark in the configs directory. */
export interface RunnerMark {
  /** Random: another runner may have the same process id and host name (containers). */
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** The result of placing a mark. */
export interface Marked {
  /** The mark is in place; false while there is no configs directory. */
  readonly isWritten: boolean;
  /** The previous mark; `null` if there was none or it was the runner's own. */
  readonly other: RunnerMark | null;
}

const FILE = ".runner.json";
const MAX_BYTES = 4_096;

/**
 * Writes a runner's mark, replacing any other. It is not a lock: a runner that finds its mark replaced knows that
 * another one is alive, and both continue.
 */
export function markRunner({ root, mark }: MarkRunner): Marked {
  const directory = configsDirOf(root);
  if (!fs.existsSync(directory)) return { isWritten: false, other: null };
  const path = join(directory, FILE);
  const found = readMark(path);
  if (found?.id === mark.id) return { isWritten: true, other: null };
  const temporary = join(directory, `${FILE}.${mark.id}`);
  const fd = createFile(temporary);
  try {
    giveToOwnerOf(directory, fd);
    writeAll(fd, Buffer.from(JSON.stringify(mark)));
    fs.renameSync(temporary, path);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  } finally {
    fs.closeSync(fd);
  }
  return { isWritten: true, other: found };
}

/** Removes a runner's own mark. */
export function unmarkRunner({ root, mark }: MarkRunner): void {
  const path = join(configsDirOf(root), FILE);
  if (readMark(path)?.id === mark.id) fs.rmSync(path, { force: true });
}

/** Agents can write there, too: anything but a mark is ignored. */
function readMark(path: string): RunnerMark | null {
  const file = openToRead(path);
  if (file === null) return null;
  let text: string;
  try {
    text = file.size > MAX_BYTES ? "" : readAt(file.fd, file.size, 0).toString("utf8");
  } finally {
    fs.closeSync(file.fd);
  }
  try {
    const { id, pid, host, startedAt }: Partial<Record<keyof RunnerMark, unknown>> = Object(JSON.parse(text));
    if (!isShort(id) || !isShort(host) || !isShort(startedAt) || !Number.isSafeInteger(pid)) return null;
    return { id, host, startedAt, pid: Number(pid) };
  } catch {
    return null;
  }
}

const isShort = (value: unknown): value is string =>
  typeof value === "string" && value.length > 0 && value.length <= 256;
