import { appendFile, copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { workFiles } from "./fingerprint.ts";
import { pnpm, run } from "./run.ts";
import { type Manifest, type Package, publishedPackages } from "./workspace.ts";

export type Bump = "patch" | "minor" | "major";

/** Commits are made under this name, in the copy only, and whatever git is configured to do here stays out of it. */
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

/** A copy of the working tree, as a repository of its own, to be released from. */
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

  /** A changeset as somebody would write it. */
  async addChangeset(name: string, packageName: string, bump: Bump, text: string): Promise<void> {
    const content = `---\n"${packageName}": ${bump}\n---\n\n${text}\n`;
    await writeFile(join(this.folder, ".changeset", `${name}.md`), content);
  }

  /** The packages that the changesets which are there will release. */
  async changesetPackages(): Promise<Set<string>> {
    const folder = join(this.folder, ".changeset");
    const files = (await readdir(folder)).filter((file) => file.endsWith(".md") && file !== "README.md");
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
    return new Set(texts.flatMap((text) => Object.keys(parse(text.split(/^---$/m)[1] ?? "") ?? {})));
  }

  /** Appends a line to a file, as the smallest change there is. */
  touch(file: string): Promise<void> {
    return appendFile(join(this.folder, file), "\n// Rehearsed.\n");
  }

  async editManifest(folder: string, edit: (manifest: Manifest) => Manifest): Promise<void> {
    const path = join(this.folder, folder, "package.json");
    await writeFile(path, `${JSON.stringify(edit(JSON.parse(await readFile(path, "utf8"))), null, 2)}\n`);
  }

  /** Installs what the packages are built with, from what this machine has already. */
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

  /** All that is published from here, as its files say now. */
  packages(): Package[] {
    return publishedPackages(this.folder);
  }
}

/** Copies a working tree as it is now, with what is not committed yet, and commits all of it there. */
export async function copyCheckout(source: string, folder: string): Promise<Checkout> {
  for (const file of await workFiles(source)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await copyFile(join(source, file), join(folder, file));
  }
  const copy = new Checkout(folder);
  await copy.git("init", "--quiet", "--initial-branch=main");
  await copy.commit("The working tree as it is");
  return copy;
}
