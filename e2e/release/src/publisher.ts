import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Checkout } from "./checkout.ts";
import { connectionsIn, preload, type Registry } from "./registry.ts";
import { outcome, pnpmCommand, run } from "./run.ts";

/** Versions and publishes with changesets, in an environment where only our registry is known and reachable. */
export class Publisher {
  readonly #checkout: Checkout;
  readonly #registry: Registry;
  readonly #env: NodeJS.ProcessEnv;
  readonly #log: string;

  private constructor(checkout: Checkout, registry: Registry, env: NodeJS.ProcessEnv, log: string) {
    this.#checkout = checkout;
    this.#registry = registry;
    this.#env = env;
    this.#log = log;
  }

  static async create(checkout: Checkout, registry: Registry, folder: string): Promise<Publisher> {
    const bin = join(folder, "bin");
    await mkdir(bin, { recursive: true });
    // changesets starts it by name.
    const command = pnpmCommand().map((part) => JSON.stringify(part));
    await writeFile(join(bin, "pnpm"), `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`, { mode: 0o755 });
    const log = join(folder, "guard.log");
    await writeFile(log, "");
    const npmrc = join(folder, "npmrc");
    await writeFile(npmrc, `//${registry.host}/:_authToken=${await registry.signUp()}\n`);
    // Only PATH from this process's environment: no tokens, no settings, no home directory.
    const env = {
      PATH: `${bin}:${process.env.PATH}`,
      HOME: join(folder, "home"),
      CI: "true",
      npm_config_registry: registry.url,
      npm_config_userconfig: npmrc,
      npm_config_globalconfig: join(folder, "no-npmrc"),
      npm_config_cache: join(folder, "cache"),
      npm_config_update_notifier: "false",
      NODE_OPTIONS: preload,
      GUARD_LOG: log,
      GUARD_ALLOW: registry.host,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_COMMITTER_NAME: "release rehearsal",
      GIT_COMMITTER_EMAIL: "rehearsal@localhost",
    };
    return new Publisher(checkout, registry, env, log);
  }

  /** Applies the changesets to versions and changelogs, and commits. */
  async version(): Promise<void> {
    await this.#changeset("version");
    const changed = (await this.#checkout.git("status", "--porcelain", "--untracked-files=all")).trimEnd();
    const expected = /^...(\.changeset\/[\w-]+\.md|(apps|packages)\/[\w-]+\/(package\.json|CHANGELOG\.md))$/;
    const unexpected = changed.split("\n").filter((line) => !expected.test(line));
    if (unexpected.length > 0) throw new Error(`changeset version also changed:\n${unexpected.join("\n")}`);
    await this.#checkout.commit("Version packages");
  }

  /** Publishes. @returns the published packages as `name@version` */
  async publish(): Promise<string[]> {
    await this.#check();
    const tags = await this.#tags();
    const outside = (await this.#registry.connections()).length;
    await this.#changeset("publish");
    await this.#checkConnections(outside);
    const before = new Set(tags);
    return (await this.#tags()).filter((tag) => !before.has(tag));
  }

  /** Whether the changes since a branch have the changesets they need; the pull-request check. */
  async hasChangesets(since: string): Promise<boolean> {
    const { code, output } = await outcome(
      process.execPath,
      [this.#cli, "status", `--since=${since}`],
      this.#options,
    );
    if (code !== 0 && !output.includes("no changesets were found")) throw new Error(output);
    return code === 0;
  }

  #changeset(command: string): Promise<string> {
    return run(process.execPath, [this.#cli, command], this.#options);
  }

  get #cli(): string {
    return join(this.#checkout.folder, "node_modules/@changesets/cli/bin.js");
  }

  get #options() {
    return { cwd: this.#checkout.folder, env: this.#env };
  }

  async #tags(): Promise<string[]> {
    return (await this.#checkout.git("tag")).split("\n").filter(Boolean).sort();
  }

  /** Before publishing: every configuration that can name a registry names ours or none. */
  async #check(): Promise<void> {
    const { url } = this.#registry;
    if (!/^http:\/\/127\.0\.0\.1:\d+\/$/.test(url)) throw new Error(`${url} is not on the loopback`);
    const named = this.#checkout.packages().flatMap(({ name, manifest }) => {
      const keys = Object.keys(manifest.publishConfig ?? {}).filter((key) => key.includes("registry"));
      return keys.map((key) => `publishConfig of ${name} sets ${key}`);
    });
    const [pnpmFile, ...pnpmArgs] = pnpmCommand();
    for (const [file, ...args] of [["npm"], [pnpmFile, ...pnpmArgs]] as [string, ...string[]][]) {
      for (const key of ["registry", "@x:registry"]) {
        const said = (await run(file, [...args, "config", "get", key], this.#options)).trim();
        if (said !== url && !(key === "@x:registry" && said === "undefined"))
          named.push(`${file} would publish to ${said}`);
      }
    }
    if (named.length > 0) throw new Error(named.join("\n"));
  }

  /** After publishing: the recorded connections of every process involved. */
  async #checkConnections(outsideBefore: number): Promise<void> {
    const log = await readFile(this.#log, "utf8");
    const made = connectionsIn(log);
    const others = made.filter((target) => target !== this.#registry.host);
    if (others.length > 0) throw new Error(`publishing tried to reach ${[...new Set(others)].join(", ")}`);
    const missing = ["bin.js", "pnpm", "npm"].filter((name) => !log.includes(`process ${name}`));
    if (made.length === 0 || missing.length > 0)
      throw new Error(`the guard recorded ${made.length} connections, but none of ${missing.join(", ")}`);
    const asked = (await this.#registry.connections()).slice(outsideBefore);
    if (asked.length > 0)
      throw new Error(`the registry contacted ${asked.join(", ")} during the publication`);
  }
}
