import { createHash } from "node:crypto";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startEmulator } from "@x/emulator";
import type { Browser } from "playwright-core";
import { runInPage } from "./browser.ts";
import type { Client, Project } from "./clients.ts";
import { broken, type Example, parseReadme } from "./readme.ts";
import { bare, type Environment, transpile, typeCheck, usual } from "./type-check.ts";

/** The programs that consumers of a package write. */
export const consumers = fileURLToPath(new URL("../consumers", import.meta.url));

/** A published package, and the expectations of its users. */
export interface Published {
  readonly name: string;
  /** The folder it was published from. */
  readonly folder: string;
}

/** A consumer with one package and its README, in an otherwise empty project. */
export class Consumer {
  readonly #published: Published;
  readonly #client: Client;
  readonly #project: Project;

  constructor(published: Published, client: Client, project: Project) {
    this.#published = published;
    this.#client = client;
    this.#project = project;
  }

  /** Installs the package, then loads it by `import` and by `require`. */
  async install(): Promise<void> {
    const { name, folder } = this.#published;
    await this.#project.add(name, ...(await requiredPeers(folder)));
    await this.#write("imports.mjs", importsOf(name));
    const built = createHash("sha256")
      .update(await readFile(join(folder, "dist/index.js")))
      .digest("hex");
    for (const found of await this.#project.executeEverywhere("imports.mjs"))
      if (found.trim() !== built) throw new Error(`the installed package differs from the build: ${found}`);
  }

  /** Compiles a program with only the language and the package in scope. */
  async compile(): Promise<void> {
    const file = `${basename(this.#published.folder)}.ts`;
    await copyFile(join(consumers, file), this.#path(file));
    this.#typeCheck([file], bare);
  }

  /** Follows the README: installs what it lists, compiles its examples and runs them. */
  async follow(browser: Browser): Promise<void> {
    const { name, folder } = this.#published;
    const { packages, examples } = parseReadme(await readFile(join(folder, "README.md"), "utf8"));
    if (!packages.includes(name) || examples.length === 0)
      throw new Error("the README has no `npm install` line with the package, or no example");
    const more = packages.filter((each) => each !== name);
    if (more.length > 0) await this.#project.add(...more);
    const files = examples.map(({ language }, index) => `example-${index + 1}.${language}`);
    for (const [index, { code }] of examples.entries()) await this.#write(files[index] ?? "", code);
    this.#typeCheck(
      files.filter((file) => file.endsWith(".ts")),
      usual,
    );
    for (const [index, example] of examples.entries())
      await this.#try(example, `example-${index + 1}`, browser);
  }

  async #try(example: Example, name: string, browser: Browser): Promise<void> {
    const emulator = await startEmulator();
    try {
      const printed = await this.#printedBy(example.code, `${name}.mjs`, emulator.url, browser);
      // A test file reports in its exit code.
      const problem = example.code.includes("node:test") ? null : broken(example, printed);
      if (problem !== null) throw new Error(`${name} of the README ${problem}`);
    } finally {
      await emulator.close();
    }
  }

  async #printedBy(code: string, file: string, platformUrl: string, browser: Browser): Promise<string> {
    const script = transpile(code);
    if (this.#published.name.endsWith("-browser")) {
      await this.#write(file, script);
      return runInPage(browser, this.#path(file), platformUrl);
    }
    await this.#write(file, script.replaceAll("https://platform.example", platformUrl));
    const env = { PLATFORM_URL: platformUrl, CONFIGS_DIR: this.#path(`${file}-configs`) };
    return this.#project.execute(file, env);
  }

  #typeCheck(files: readonly string[], environment: Environment): void {
    if (this.#client.unpacked === false || files.length === 0) return;
    const problems = typeCheck(
      files.map((file) => this.#path(file)),
      environment,
    );
    if (problems !== "") throw new Error(problems);
  }

  #write(file: string, content: string): Promise<void> {
    return writeFile(this.#path(file), content);
  }

  #path(file: string): string {
    return join(this.#project.folder, file);
  }
}

/** Peer dependencies, which not every package manager installs. */
async function requiredPeers(folder: string): Promise<string[]> {
  const { peerDependencies = {}, peerDependenciesMeta = {} } = JSON.parse(
    await readFile(join(folder, "package.json"), "utf8"),
  );
  const peers = Object.entries<string>(peerDependencies).filter(
    ([name]) => !peerDependenciesMeta[name]?.optional,
  );
  return peers.map(([name, range]) => `${name}@${range}`);
}

/** Loads the package by `import` and `require`, checks that both export the same, and returns the first one's file. */
const importsOf = (name: string) => `
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import * as imported from "${name}";

const require = createRequire(import.meta.url);
const required = require("${name}");
assert.notDeepEqual(Object.keys(imported), []);
assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
assert.match(require.resolve("${name}"), /\\.cjs$/);
// An error of one copy must be recognised by the other.
if (imported.checkToken) {
  const error = (() => { try { required.checkToken(""); } catch (thrown) { return thrown; } })();
  assert(imported.isAuthError(error) && error instanceof imported.AuthError);
}
assert.equal(require("${name}/package.json").name, "${name}");
const file = fileURLToPath(import.meta.resolve("${name}"));
console.log(createHash("sha256").update(readFileSync(file)).digest("hex"));
`;
