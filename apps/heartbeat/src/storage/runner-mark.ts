import fs from "node:fs";
import { join } from "node:path";
import { createFile, ForeignFileError, giveToOwnerOf, openToRead, readAt, writeAll } from "./foreign-file.ts";
import { type ConfigsRoot, configsDirOf } from "./locations.ts";

/** A runner's mark in the configs directory. */
export interface RunnerMark {
  /** Random: another runner may have the same process id and host name (containers). */
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /**
   * When the first of the previous runners began, if none of them lived long enough to give every workspace its turn.
   * ISO 8601; omitted by a runner that did.
   */
  readonly since?: string;
}

export interface MarkRunner {
  readonly root: ConfigsRoot;
  readonly mark: RunnerMark;
}

/** The result of placing a mark. */
export interface Marked {
  /** The mark now in place, with the `since` of the previous one; `null` while there is no configs directory. */
  readonly written: RunnerMark | null;
  /** The previous mark; `null` if there was none or it was the runner's own. */
  readonly other: RunnerMark | null;
}

const FILE = ".runner.json";
const MAX_BYTES = 4_096;
const MAX_LOOKBACK_MS = 3_600_000;

/**
 * Writes a runner's mark, replacing any other. It is not a lock: a runner that finds its mark replaced knows that
 * another one is alive, and both continue.
 */
export function markRunner({ root, mark }: MarkRunner): Marked {
  const directory = configsDirOf(root);
  if (!fs.existsSync(directory)) return { written: null, other: null };
  const path = join(directory, FILE);
  const found = readMark(path);
  const other = found?.id === mark.id ? null : found;
  const written = other === null ? mark : continued(mark, other);
  if (found !== null && other === null && found.since === mark.since) return { written, other };
  const temporary = join(directory, `${FILE}.${mark.id}`);
  const fd = createFile(temporary);
  try {
    giveToOwnerOf(directory, fd);
    writeAll(fd, Buffer.from(JSON.stringify(written)));
    // Nothing but a directory would stay in the way.
    if (isDirectory(path)) fs.renameSync(path, `${temporary}.moved`);
    fs.renameSync(temporary, path);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  } finally {
    fs.closeSync(fd);
  }
  return { written, other };
}

/** Looks back by an hour at most: a new workspace's older messages are history. */
function continued(mark: RunnerMark, earlier: RunnerMark): RunnerMark {
  const since = Date.parse(earlier.since ?? "");
  if (mark.since === undefined || Number.isNaN(since)) return mark;
  const earliest = Date.parse(mark.startedAt) - MAX_LOOKBACK_MS;
  return {
    ...mark,
    since: new Date(Math.min(Date.parse(mark.since), Math.max(since, earliest))).toISOString(),
  };
}

/** Agents can write there, too: anything but a mark is ignored, and replaced. */
function readMark(path: string): RunnerMark | null {
  const text = readText(path);
  try {
    const mark: Partial<Record<keyof RunnerMark, unknown>> = Object(JSON.parse(text));
    const { id, pid, host, startedAt, since } = mark;
    if (!isShort(id) || !isShort(host) || !isShort(startedAt) || !Number.isSafeInteger(pid)) return null;
    return { id, host, startedAt, pid: Number(pid), ...(isShort(since) && { since }) };
  } catch {
    return null;
  }
}

function readText(path: string): string {
  try {
    const file = openToRead(path);
    if (file === null) return "";
    try {
      return file.size > MAX_BYTES ? "" : readAt(file.fd, file.size, 0).toString("utf8");
    } finally {
      fs.closeSync(file.fd);
    }
  } catch (error) {
    if (error instanceof ForeignFileError) return "";
    throw error;
  }
}

const isDirectory = (path: string) => fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

const isShort = (value: unknown): value is string =>
  typeof value === "string" && value.length > 0 && value.length <= 256;
