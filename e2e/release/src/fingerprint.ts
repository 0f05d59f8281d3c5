import { createHash } from "node:crypto";
import { lstat, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run.ts";

/** Everything in a checkout that could hold someone's work, by name: its files, build outputs and refs. */
export type Fingerprint = ReadonlyMap<string, string>;

export async function fingerprint(checkout: string): Promise<Fingerprint> {
  const git = (...args: string[]) => run("git", args, { cwd: checkout });
  const built = await git(
    "ls-files",
    "-z",
    "--others",
    "--ignored",
    "--exclude-standard",
    "packages/*/dist",
    "apps/*/dist",
  );
  const files = [...(await workFiles(checkout)), ...built.split("\0").filter(Boolean)];
  const hashed = files.map(async (file) => [file, await hashFile(join(checkout, file))] as const);
  const refs = `${await git("rev-parse", "HEAD")}${await git("for-each-ref")}`;
  return new Map([...(await Promise.all(hashed)), ["branches and tags", refs]]);
}

/** The names that differ. */
export function differences(before: Fingerprint, after: Fingerprint): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}

/** A checkout's current files, committed or not, except those that git ignores. */
export async function workFiles(checkout: string): Promise<string[]> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const listed = new Set((await run("git", args, { cwd: checkout })).split("\0").filter(Boolean));
  const there = async (file: string) => (await lstat(join(checkout, file)).catch(() => null)) !== null;
  const present = await Promise.all([...listed].map(async (file) => ((await there(file)) ? [file] : [])));
  return present.flat();
}

async function hashFile(path: string): Promise<string> {
  const stats = await lstat(path);
  const content = stats.isSymbolicLink() ? await readlink(path) : await readFile(path);
  return createHash("sha256").update(`${stats.mode} `).update(content).digest("hex");
}
