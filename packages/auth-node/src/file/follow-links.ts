import { dirname, isAbsolute, join, parse, sep } from "node:path";
import type { Access } from "./access.ts";
import type { FileStats } from "./file-system.ts";
import { codeOf, Rejected } from "./fs-errors.ts";
import { isSticky, isTrusted, whyReachedByOthers } from "./ownership.ts";

/** The operating system's limit. */
const MOST_LINKS = 40;

/** The target of a path. */
export interface Destination {
  /** Has no symbolic link in the part that was followed. */
  readonly path: string;
  /** The target's metadata, never a link's; `null` if it does not exist. */
  readonly stats: FileStats | null;
}

interface Options {
  /** A real path that no link may lead out of. */
  readonly boundary?: string;
}

/**
 * Follows the symbolic links of a path component by component, as the system would, but only those controlled by this
 * user or root: their own links, in directories where no other user could have put them, leading through components of
 * the same kind. Otherwise another user could choose which file is read, sent and replaced.
 *
 * @param from a trusted directory
 * @param path relative to `from`
 * @throws Rejected, which names the link, and the system's errors
 */
export async function followLinks(
  access: Access,
  from: string,
  path: string,
  { boundary }: Options = {},
): Promise<Destination> {
  const { io } = access;
  const steps = path.split(sep);
  let at = from;
  let links = 0;
  let via = "";
  for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
    if (step === "" || step === ".") continue;
    if (step === "..") {
      at = dirname(at);
      continue;
    }
    const next = join(at, step);
    const entry = await lstatIfPresent(access, next);
    if (entry?.isSymbolicLink()) {
      links += 1;
      if (links > MOST_LINKS) throw Object.assign(new Error("too many symbolic links"), { code: "ELOOP" });
      // `..` is relative to the directory's real path.
      if (links === 1) at = await io.realpath(at);
      if (boundary !== undefined) stayWithin(boundary, at, next);
      await trustLink(access, next, entry, at);
      via = next;
      const target = await io.readlink(next);
      if (isAbsolute(target)) at = parse(target).root;
      steps.unshift(...target.split(sep));
      continue;
    }
    if (via !== "") trustComponent(via, next, entry);
    const isLast = steps.every((rest) => rest === "" || rest === ".");
    if (entry === null && !isLast) return { path: join(next, ...steps), stats: null };
    if (isLast) {
      if (boundary !== undefined) stayWithin(boundary, next, via === "" ? next : via);
      return { path: next, stats: entry };
    }
    if (!entry?.isDirectory())
      throw Object.assign(new Error(`${next} is not a directory`), { code: "ENOTDIR" });
    if (via !== "") await trustDirectory(access, via, next, entry);
    at = next;
  }
  if (boundary !== undefined) stayWithin(boundary, at, via);
  return { path: at, stats: await lstatIfPresent(access, at) };
}

/** A path's own metadata, never that of a link's target; `null` if there is none. */
export async function lstatIfPresent({ io }: Access, path: string): Promise<FileStats | null> {
  try {
    return await io.lstat(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

async function trustLink(access: Access, link: string, entry: FileStats, directory: string): Promise<void> {
  if (!isTrusted(entry)) throw untrusted(link, `it belongs to another user (uid ${entry.uid})`);
  const found = await access.io.lstat(directory);
  if (!isTrusted(found)) throw untrusted(link, `its directory belongs to another user (uid ${found.uid})`);
  const why = isSticky(found) ? null : await whyReachedByOthers(access, directory, found);
  if (why !== null) throw untrusted(link, `its directory is not this user's alone: ${why}`);
}

function trustComponent(link: string, path: string, entry: FileStats | null): void {
  if (entry === null || isTrusted(entry)) return;
  throw untrusted(link, `it points to ${path}, which belongs to another user (uid ${entry.uid})`);
}

async function trustDirectory(access: Access, link: string, path: string, entry: FileStats): Promise<void> {
  const why = isSticky(entry) ? null : await whyReachedByOthers(access, path, entry);
  if (why !== null) throw untrusted(link, `it goes through ${path}: ${why}`);
}

function untrusted(link: string, why: string): Rejected {
  return new Rejected(
    `${link} is a symbolic link that others control, and is not followed: ${why}. Remove the link, then save again.`,
  );
}

function stayWithin(boundary: string, path: string, link: string): void {
  if (path === boundary || path.startsWith(boundary + sep)) return;
  throw new Rejected(
    `${link} is a symbolic link out of the workspace's own directory, and is not followed. Remove the link, then save again.`,
  );
}
