import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Registry } from "./registry.ts";
import { pnpmCommand, run } from "./run.ts";

/** A package manager, and the project layout that it creates. */
export interface Client {
  readonly name: string;
  /** Its command to add packages to the project in the working directory; package names are appended. */
  readonly add: readonly [string, ...string[]];
  readonly settings?: Readonly<Record<string, string>>;
  /** The command that starts Node in such a project. */
  readonly node: readonly [string, ...string[]];
  /** The JavaScript engine, if the client is one itself. */
  readonly engine?: string;
  /** Whether packages are in `node_modules`, where a compiler finds them. @default true */
  readonly unpacked?: boolean;
}

const installed = fileURLToPath(new URL("../clients/node_modules", import.meta.url));
const yarn = [process.execPath, join(installed, "@yarnpkg/cli-dist/bin/yarn.js")] as const;
const bun = join(installed, ".bin/bun");

const node = [process.execPath] as const;

export const clients: readonly Client[] = [
  { name: "npm", add: ["npm", "install", "--no-fund", "--no-audit"], node },
  { name: "pnpm", add: [...pnpmCommand(), "add"], node },
  { name: "yarn", add: [...yarn, "add"], settings: { YARN_NODE_LINKER: "node-modules" }, node },
  {
    name: "yarn pnp",
    add: [...yarn, "add"],
    settings: { YARN_NODE_LINKER: "pnp" },
    node: [...yarn, "node"],
    unpacked: false,
  },
  { name: "bun", add: [bun, "add"], node, engine: bun },
];

/** An empty project outside any workspace, for a client to install into. */
export class Project {
  readonly folder: string;
  readonly #client: Client;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, client: Client, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#client = client;
    this.#env = env;
  }

  static async create(client: Client, folder: string, registry: Registry, caches: string): Promise<Project> {
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, "package.json"),
      '{ "name": "consumer", "private": true, "type": "module" }\n',
    );
    // Without a lockfile here, Yarn would use the nearest parent folder that has one as the project.
    if (client.name.startsWith("yarn")) await writeFile(join(folder, "yarn.lock"), "");
    return new Project(folder, client, environment(client, registry, caches));
  }

  add(...packages: string[]): Promise<string> {
    const [file, ...args] = this.#client.add;
    return run(file, [...args, ...packages], { cwd: this.folder, env: this.#env });
  }

  /** Runs a script of the project in Node. @returns its output */
  execute(script: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const [file, ...args] = this.#client.node;
    return run(file, [...args, script], { cwd: this.folder, env: { ...this.#env, ...env } });
  }

  /** Runs a script of the project in each available engine. @returns their outputs */
  async executeEverywhere(script: string): Promise<string[]> {
    const { engine } = this.#client;
    const own = engine && run(engine, [script], { cwd: this.folder, env: this.#env });
    return Promise.all([this.execute(script), ...(own ? [own] : [])]);
  }
}

/** Each client's settings: our registry, a private cache, no prompts, no telemetry. */
function environment({ settings }: Client, { url }: Registry, caches: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: join(caches, "home"),
    CI: "true",
    npm_config_registry: url,
    npm_config_userconfig: join(caches, "no-npmrc"),
    npm_config_cache: join(caches, "npm"),
    npm_config_store_dir: join(caches, "pnpm"),
    npm_config_update_notifier: "false",
    YARN_NPM_REGISTRY_SERVER: url,
    YARN_UNSAFE_HTTP_WHITELIST: "127.0.0.1",
    YARN_GLOBAL_FOLDER: join(caches, "yarn"),
    YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
    YARN_ENABLE_TELEMETRY: "false",
    // Our packages are only seconds old, below the default minimum age.
    YARN_NPM_MINIMAL_AGE_GATE: "0",
    BUN_INSTALL_CACHE_DIR: join(caches, "bun"),
    DO_NOT_TRACK: "1",
    ...settings,
  };
}
