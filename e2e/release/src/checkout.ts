import { appendFile, copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { workFiles } from "./fingerprint.ts";
import { pnpm, run } from "./run.ts";
import { type Manifest, type Package, publishedPackages } from "./workspace.ts";

export type Bump = "patch" | "minor" | "major";

/** The author of commits in the copy, independent of this machine's git configuration. */
const gitEnv = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  ...Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((role) => [
      [`GIT_${role}_NAME`, "release rehearsal"],
      [`GIT_${role}_EMAIL`, "rehearsal@localhost"],
    ]),
  ),
};

/** A copy of the working tree as a separate repository, from which to release. */
export class Checkout {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  git(...args: string[]): Promise<string> {
    return run("git", args, { cwd: this.folder, env: gitEnv });
  }

  async commit(message: string): Promise<void> {
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--message", message);
  }

  /** Writes a changeset as a contributor would. */
  async addChangeset(name: string, packageName: string, bump: Bump, text: string): Promise<void> {
    const content = `---\n"${packageName}": ${bump}\n---\n\n${text}\n`;
    await writeFile(join(this.folder, ".changeset", `${name}.md`), content);
  }

  /** The packages that the pending changesets will release. */
  async changesetPackages(): Promise<Set<string>> {
    const folder = join(this.folder, ".changeset");
    const files = (await readdir(folder)).filter((file) => file.endsWith(".md") && file !== "README.md");
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
    return new Set(texts.flatMap((text) => Object.keys(parse(text.split(/^---$/m)[1] ?? "") ?? {})));
  }

  /** Appends a line to a file: the smallest possible change. */
  touch(file: string): Promise<void> {
    return appendFile(join(this.folder, file), "\n// Rehearsed.\n");
  }

  async editManifest(folder: string, edit: (manifest: Manifest) => Manifest): Promise<void> {
    const path = join(this.folder, folder, "package.json");
    await writeFile(path, `${JSON.stringify(edit(JSON.parse(await readFile(path, "utf8"))), null, 2)}\n`);
  }

  /** Installs the build dependencies from this machine's store. */
  install(): Promise<string> {
    const only = ["--filter", ".", "--filter", "./packages/*", "--filter", "./apps/*..."];
    return pnpm(["install", "--frozen-lockfile", "--prefer-offline", ...only], { cwd: this.folder });
  }

  build(): Promise<string> {
    const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
    return pnpm(["exec", "turbo", "run", "build", "--filter=./packages/*", "--filter=./apps/*"], {
      cwd: this.folder,
      env,
    });
  }

  /** All packages published from here, from the current manifests. */
  packages(): Package[] {
    return publishedPackages(this.folder);
  }
}

/** Copies the working tree, uncommitted changes included, and commits everything there. */
export async function copyCheckout(source: string, folder: string): Promise<Checkout> {
  for (const file of await workFiles(source)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await copyFile(join(source, file), join(folder, file));
  }
  const copy = new Checkout(folder);
  await copy.git("init", "--quiet", "--initial-branch=main");
  await copy.commit("The current working tree");
  return copy;
}
