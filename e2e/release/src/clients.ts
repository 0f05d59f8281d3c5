import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, pnpm, run } from "./run.ts";

/** A package manager, and how programs run in the projects that it lays out. */
export interface Client {
  readonly name: string;
  /** Adds packages to the project in the working directory; their names are appended. */
  readonly add: Command;
  /** What runs a script of the project. */
  readonly engines: readonly Command[];
  readonly settings?: Readonly<Record<string, string>>;
}

const installed = fileURLToPath(new URL("../clients/node_modules", import.meta.url));
const yarn = [process.execPath, join(installed, "@yarnpkg/cli-dist/bin/yarn.js")] as const;
const bun = join(installed, ".bin/bun");
const node: Command = [process.execPath];

export const npm: Client = {
  name: "npm",
  add: ["npm", "install", "--no-fund", "--no-audit"],
  engines: [node],
};

export const clients: readonly Client[] = [
  npm,
  { name: "pnpm", add: pnpm("add"), engines: [node] },
  { name: "yarn", add: [...yarn, "add"], engines: [node], settings: { YARN_NODE_LINKER: "node-modules" } },
  {
    name: "yarn-pnp",
    add: [...yarn, "add"],
    engines: [[...yarn, "node"]],
    settings: { YARN_NODE_LINKER: "pnp" },
  },
  { name: "bun", add: [bun, "add"], engines: [node, [bun]] },
];

/**
 * All that a package manager sees: one registry, caches in `folder`, no prompts, no telemetry, and none of this
 * machine's settings and tokens.
 */
export const environment = (registry: string, folder: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: join(folder, "home"),
  CI: "true",
  npm_config_registry: registry,
  npm_config_userconfig: join(folder, "npmrc"),
  npm_config_globalconfig: join(folder, "no-npmrc"),
  npm_config_cache: join(folder, "npm"),
  npm_config_store_dir: join(folder, "pnpm"),
  npm_config_update_notifier: "false",
  YARN_NPM_REGISTRY_SERVER: registry,
  YARN_UNSAFE_HTTP_WHITELIST: "127.0.0.1",
  YARN_GLOBAL_FOLDER: join(folder, "yarn"),
  YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
  YARN_ENABLE_TELEMETRY: "false",
  // Our packages are only seconds old, below the default minimum age.
  YARN_NPM_MINIMAL_AGE_GATE: "0",
  BUN_INSTALL_CACHE_DIR: join(folder, "bun"),
  DO_NOT_TRACK: "1",
});

/** An empty project outside any workspace, into which a client installs. */
export async function createProject(
  folder: string,
  { add, engines, settings }: Client,
  env: NodeJS.ProcessEnv,
) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "name": "consumer", "private": true }\n');
  // Without a lockfile here, Yarn would use the nearest parent folder that has one as the project.
  if (settings !== undefined) await writeFile(join(folder, "yarn.lock"), "");
  const start = (command: Command, more = {}) => run(command, folder, { ...env, ...settings, ...more });
  return {
    add: (packages: readonly string[]) => start([...add, ...packages]),
    /** Runs a script in each engine. @returns their outputs */
    run: ([...script]: Command, more?: NodeJS.ProcessEnv) =>
      Promise.all(engines.map((engine) => start([...engine, ...script], more))),
  };
}
