import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The packages that this repository publishes. */
export const PUBLISHED: readonly string[] = [
  "@x/auth-core",
  "@x/auth-node",
  "@x/auth-browser",
  "@x/auth-testing",
  "@x/platform-client",
];

export const PEERS_ON_DISK: readonly string[] = [
  "@azure/core-rest-pipeline",
  "@octokit/auth-token",
  "@smithy/property-provider",
  "@supabase/auth-js",
  "atomically",
  "conf",
  "google-auth-library",
  "oidc-client-ts",
  "write-file-atomic",
];

/** The size of an installed package on disk: its own files and those of all its dependencies. */
export function installed(name: string): { bytes: number; packages: number } {
  const found = new Map<string, number>();
  const visit = (folder: string) => {
    if (found.has(folder)) return;
    found.set(folder, bytesOf(folder, publishedEntries(folder)));
    for (const dependency of Object.keys(manifest(folder).dependencies ?? {})) {
      visit(folderOf(dependency, folder));
    }
  };
  visit(folderOf(name, fileURLToPath(new URL("../", import.meta.url))));
  return { bytes: [...found.values()].reduce((sum, bytes) => sum + bytes, 0), packages: found.size };
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
}

const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

/** Resolved as in Node: from the nearest `node_modules` upwards that contains it. */
function folderOf(name: string, from: string): string {
  for (let at = from; ; at = dirname(at)) {
    const candidate = join(at, "node_modules", name);
    if (existsSync(candidate)) return realpathSync(candidate);
    if (dirname(at) === at) throw new Error(`${name} is not installed.`);
  }
}

/** A package of this repository is a working directory: only the files that would be packed count. */
function publishedEntries(folder: string): readonly string[] {
  if (folder.includes("node_modules")) return readdirSync(folder);
  const always = ["package.json", "README.md", "LICENSE", "CHANGELOG.md"];
  return [...(manifest(folder).files ?? []), ...always].filter((entry) => existsSync(join(folder, entry)));
}

function bytesOf(folder: string, entries: readonly string[]): number {
  return entries
    .filter((entry) => entry !== "node_modules")
    .map((entry) => {
      const path = join(folder, entry);
      const stats = statSync(path);
      return stats.isDirectory() ? bytesOf(path, readdirSync(path)) : stats.size;
    })
    .reduce((sum, bytes) => sum + bytes, 0);
}
