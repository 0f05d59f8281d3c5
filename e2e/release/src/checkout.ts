import { existsSync } from "node:fs";
import { appendFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pnpm, run } from "./run.ts";
import { publishedPackages, root } from "./workspace.ts";

const git = (folder: string, ...args: string[]) => run(["git", ...args], folder);

/** Everything in the working tree that could be someone's work. */
export const workingTree = async (): Promise<string> =>
  (
    await Promise.all([git(root, "diff", "HEAD"), git(root, "status", "--short"), git(root, "show-ref")])
  ).join();

/** A copy of the working tree as a separate repository, from which to release. */
export type Checkout = Awaited<ReturnType<typeof copyWorkingTree>>;

/** Copies the working tree, uncommitted changes included, and installs its dependencies from this machine's store. */
export async function copyWorkingTree(folder: string) {
  const listed = await git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard");
  for (const file of new Set(listed.split("\0").filter(Boolean)))
    if (existsSync(join(root, file))) await cp(join(root, file), join(folder, file));
  await git(folder, "init", "--quiet", "--initial-branch=main");
  for (const [name, value] of Object.entries({ name: "rehearsal", email: "rehearsal@localhost" }))
    await git(folder, "config", `user.${name}`, value);
  const only = ["--filter", ".", "--filter", "./packages/*", "--filter", "./apps/*..."];
  await run(pnpm("install", "--frozen-lockfile", "--prefer-offline", ...only), folder);
  return {
    folder,
    packages: () => publishedPackages(folder),
    git: (...args: string[]) => git(folder, ...args),
    async commit(message: string) {
      await git(folder, "add", "--all");
      await git(folder, "commit", "--quiet", "--allow-empty", "--message", message);
    },
    build: () =>
      run(pnpm("exec", "turbo", "run", "build", "--filter=./packages/*", "--filter=./apps/*"), folder),
    /** The smallest possible change of a file. */
    touch: (file: string) => appendFile(join(folder, file), "\n// Rehearsed.\n"),
    /** Writes a changeset, as a contributor would. */
    async addChangeset(packages: readonly string[], bump: "patch" | "minor" | "major", text: string) {
      const head = packages.map((name) => `"${name}": ${bump}\n`).join("");
      await writeFile(join(folder, ".changeset/rehearsal.md"), `---\n${head}---\n\n${text}\n`);
    },
    /** npm creates provenance only on a supported CI service. */
    async dropProvenance() {
      for (const { folder: own } of publishedPackages(folder)) {
        const path = join(folder, own, "package.json");
        await writeFile(path, (await readFile(path, "utf8")).replace(/,\s+"provenance": true/, ""));
      }
    },
  };
}

/** Runs changesets in a checkout, in an environment where it finds our pnpm by name. */
export async function changesetsOf({ folder }: Checkout, env: NodeJS.ProcessEnv) {
  const bin = join(folder, "../bin");
  await mkdir(bin);
  const command = pnpm().map((part) => JSON.stringify(part));
  await writeFile(join(bin, "pnpm"), `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`, { mode: 0o755 });
  return (...args: string[]) =>
    run([process.execPath, join(folder, "node_modules/@changesets/cli/bin.js"), ...args], folder, {
      ...env,
      PATH: `${bin}:${env.PATH}`,
    });
}
