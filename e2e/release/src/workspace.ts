import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The relevant parts of this workspace's package.json files. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly keywords?: readonly string[];
  readonly homepage?: string;
  readonly bugs?: { readonly url?: string };
  readonly repository?: { readonly type?: string; readonly url?: string; readonly directory?: string };
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly engines?: { readonly node?: string };
  readonly main?: string;
  readonly types?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly typesVersions?: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly publishConfig?: Readonly<Record<string, unknown>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, unknown>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A published package. */
export interface Package {
  readonly name: string;
  /** Its folder, relative to the root: `packages/auth-core`, `apps/heartbeat`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** This repository's root. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** All packages that a checkout publishes, by name. */
export function publishedPackages(checkout: string): Package[] {
  return ["apps", "packages"]
    .flatMap((area) => readdirSync(join(checkout, area)).map((entry) => `${area}/${entry}`))
    .map((folder) => ({ folder, manifest: readManifest(join(checkout, folder)) }))
    .filter(({ manifest }) => !manifest.private)
    .map(({ folder, manifest }) => ({ name: manifest.name, folder, manifest }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** A package's entry points by file name: `index` and the subpaths. */
export function entryPoints({ exports = {} }: Manifest): string[] {
  const paths = Object.keys(exports).filter((path) => path !== "./package.json");
  return paths.map((path) => (path === "." ? "index" : path.slice("./".length)));
}
