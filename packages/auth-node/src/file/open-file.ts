import { constants } from "node:fs";
import { dirname, join } from "node:path";
import type { Access } from "./access.ts";
import type { FileStats } from "./file-system.ts";
import { type Destination, followLinks } from "./follow-links.ts";
import { codeOf, Rejected } from "./fs-errors.ts";
import type { FileLocation } from "./location.ts";
import { type FoundDirectory, takeFrom } from "./open-directory.ts";
import type { ReadGuard } from "./permissions.ts";
import { isLinkedByUsOnly } from "./temporary-files.ts";
import { together } from "./together.ts";

/** A FIFO must not block until its other end is opened, and links are followed only after a check. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** How much to read before the checks finish: everything, except very long tokens. */
const START_BYTES = 2_048;

/** The file may be replaced between two steps now and then, but not on every attempt. */
const ATTEMPTS = 20;

export interface OpenedFile {
  readonly fd: number;
  /** With links resolved. */
  readonly path: string;
  readonly stats: FileStats;
  /** Its first bytes, at most `START_BYTES`; `null` if unreadable, as for a directory. */
  readonly start: Uint8Array | null;
  /** The metadata of its directory. */
  readonly directory: FileStats;
}

export interface OpenOptions {
  readonly guard?: ReadGuard | undefined;
  /** An ongoing lookup of its directory. */
  readonly directory?: Promise<FoundDirectory | null>;
}

/**
 * Opens a file for reading; `null` if it does not exist. Guarantees that the opened file is the checked one.
 *
 * @throws Rejected and the system's errors
 */
export async function openFile(
  access: Access,
  location: FileLocation,
  { guard, directory }: OpenOptions = {},
): Promise<OpenedFile | null> {
  let opened = await tryToOpen(access, location, guard, directory);
  for (let attempt = 2; opened === CHANGED && attempt <= ATTEMPTS; attempt += 1) {
    opened = await tryToOpen(access, location, guard);
  }
  if (opened !== CHANGED) return opened;
  throw new Rejected("it keeps being replaced. Try again.");
}

const CHANGED = Symbol("changed");
const LINK = Symbol("link");

async function tryToOpen(
  access: Access,
  location: FileLocation,
  guard: ReadGuard | undefined,
  finding?: Promise<FoundDirectory | null>,
): Promise<OpenedFile | null | typeof CHANGED> {
  const step = {
    take: (path: string) => openUnlessLink(access, path),
    check: async ({ path, stats }: FoundDirectory) => guard?.directory(access, path, stats),
    undo: async (fd: number | null | typeof LINK) => {
      if (typeof fd === "number") await closeQuietly(access, fd);
    },
  };
  const found = await takeFrom(access, location, step, finding);
  if (found === null || found.taken === null) return null;
  const { directory, path, taken: fd } = found;
  const inList = location.root !== null;
  if (fd !== LINK) return confirm(access, { fd, path, directory: directory.stats, inList });
  const destination = await followFrom(access, directory, location.fileName);
  if (destination === CHANGED) return CHANGED;
  const { path: target, stats } = destination;
  if (stats === null) return null;
  try {
    const fd = await access.io.open(target, READ);
    return await confirm(access, { fd, path: target, directory: directory.stats, expected: stats, inList });
  } catch (error) {
    // Since the check, it has become a link or disappeared.
    if (["ENOENT", "ELOOP", "EMLINK"].includes(codeOf(error))) return CHANGED;
    throw error;
  }
}

/**
 * Follows a link. An update of a mounted Secret replaces a link on the way, then removes the directory that it led to; a
 * file that is missing then exists at the new target.
 */
async function followFrom(
  access: Access,
  directory: FoundDirectory,
  name: string,
): Promise<Destination | typeof CHANGED> {
  try {
    const destination = await followLinks(access, directory.path, name, directory);
    if (destination.stats !== null) return destination;
    return (await isThere(access, join(directory.path, name))) ? CHANGED : destination;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return CHANGED;
    throw error;
  }
}

const isThere = ({ io }: Access, path: string): Promise<boolean> =>
  io.stat(path).then(
    () => true,
    () => false,
  );

async function openUnlessLink({ io }: Access, path: string): Promise<number | null | typeof LINK> {
  try {
    return await io.open(path, READ);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return null;
    if (code === "ELOOP" || code === "EMLINK") return LINK;
    throw error;
  }
}

interface Opened {
  readonly fd: number;
  readonly path: string;
  readonly directory: FileStats;
  /** The metadata seen before, behind a link. */
  readonly expected?: FileStats;
  readonly inList: boolean;
}

async function confirm(
  access: Access,
  { fd, path, directory, expected, inList }: Opened,
): Promise<OpenedFile | typeof CHANGED> {
  try {
    // The checks and the read run concurrently to save a round trip; the data is not used before the checks pass.
    const [stats, start] = await together([access.io.fstat(fd), readStart(access, fd)]);
    const isAnother = expected !== undefined && (stats.ino !== expected.ino || stats.dev !== expected.dev);
    if (isAnother || (expected !== undefined && inList && (await hasMoved(access, fd, path)))) {
      await closeQuietly(access, fd);
      return CHANGED;
    }
    if (
      inList &&
      stats.isFile() &&
      stats.nlink > 1 &&
      !(await isLinkedByUsOnly(access, dirname(path), stats))
    ) {
      throw new Rejected(
        `it has ${stats.nlink} hard links, so it may be another workspace's. Remove it, then save again.`,
      );
    }
    return { fd, path, stats, start, directory };
  } catch (error) {
    await closeQuietly(access, fd);
    throw error;
  }
}

/**
 * Whether the opened file is at another path than the one checked: the owner of the workspace's directory can exchange
 * directories on the path in between. Unknown on some systems.
 */
async function hasMoved({ io }: Access, fd: number, path: string): Promise<boolean> {
  try {
    return (await io.readlink(`/proc/self/fd/${fd}`)) !== path;
  } catch {
    return false;
  }
}

async function readStart({ io }: Access, fd: number): Promise<Uint8Array | null> {
  try {
    const buffer = Buffer.allocUnsafe(START_BYTES);
    return buffer.subarray(0, await io.read(fd, buffer, 0));
  } catch {
    // The later read fails again, and reports why.
    return null;
  }
}

/** The first bytes of an opened file. Bytes already read are not read again. */
export async function readFirst(
  { io }: Access,
  { fd, start }: Pick<OpenedFile, "fd" | "start">,
  length: number,
): Promise<Uint8Array> {
  if (start !== null && (start.length < START_BYTES || length <= START_BYTES))
    return start.subarray(0, length);
  const buffer = Buffer.allocUnsafe(length);
  return buffer.subarray(0, await io.read(fd, buffer, 0));
}

/** Closing a file that was only read loses nothing, so errors are ignored. */
export async function closeQuietly({ always }: Access, fd: number): Promise<void> {
  await always.close(fd).catch(() => {});
}
