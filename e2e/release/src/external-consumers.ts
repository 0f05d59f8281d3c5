import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startEmulator } from "@x/emulator";
import type { Browser } from "playwright-core";
import type { Checkout } from "./checkout.ts";
import { type Client, clients, Project } from "./clients.ts";
import { Consumer, consumers } from "./consumer.ts";
import type { Progress } from "./progress.ts";
import type { Registry } from "./registry.ts";
import type { Package } from "./workspace.ts";

interface Context {
  readonly browser: Browser;
  readonly registry: Registry;
  /** Outside any workspace. */
  readonly folder: string;
  readonly checkout: Checkout;
  readonly progress: Progress;
}

/** The limit from an empty folder to the README's finished examples, in milliseconds. */
const timeoutMs = 60_000;

/**
 * Installs every package, alone, with every package manager, including the programs whose threads and dependencies need
 * the unpacked layout. Failures are reported to `progress`; the remaining combinations still run.
 */
export async function installEverywhere(packages: readonly Package[], context: Context): Promise<void> {
  const attempts = packages.flatMap((each) => {
    const isProgram = each.manifest.bin !== undefined;
    const able = clients.filter(({ unpacked = true }) => unpacked || !isProgram);
    return able.map((client) => ({ each, client }));
  });
  const lane = async () => {
    for (let next = attempts.shift(); next !== undefined; next = attempts.shift())
      await attempt(next.each, next.client, context);
  };
  await Promise.all([lane(), lane()]);
}

async function attempt({ name, folder }: Package, client: Client, context: Context): Promise<void> {
  const { registry, checkout, browser, progress } = context;
  const label = `${name} with ${client.name}`;
  const started = performance.now();
  try {
    const projectFolder = join(context.folder, `${name.split("/")[1]}-${client.name.replace(" ", "-")}`);
    const project = await Project.create(client, projectFolder, registry, join(context.folder, "caches"));
    const consumer = new Consumer({ name, folder: join(checkout.folder, folder) }, client, project);
    await consumer.install();
    await consumer.compile();
    await consumer.follow(browser);
    const took = performance.now() - started;
    if (took > timeoutMs) throw new Error(`the README's examples took ${Math.round(took / 1000)} s`);
    progress.note(`${label}: ${(took / 1000).toFixed(1)} s`);
  } catch (error) {
    progress.fail(label, error);
  }
}

/** The versions of a package that npm installs for a project with its dependents, one for each copy. */
export async function versionsOf(
  name: string,
  dependents: readonly string[],
  registry: Registry,
  folder: string,
): Promise<string[]> {
  const [npm] = clients;
  if (npm === undefined) throw new Error("there is no client");
  const project = await Project.create(npm, join(folder, "project"), registry, join(folder, "caches"));
  await project.add(...dependents);
  const files = await readdir(project.folder, { recursive: true });
  const manifests = files.filter((file) => file.endsWith(join("node_modules", name, "package.json")));
  const texts = await Promise.all(manifests.map((file) => readFile(join(project.folder, file), "utf8")));
  return texts.map((text) => JSON.parse(text).version);
}

/**
 * A CommonJS project, as is Jest's default: its tests load every package by `require`. One of them is the Jest recipe,
 * with a platform on this machine.
 */
export async function testWithJest(
  packages: readonly Package[],
  { folder, registry, checkout }: Pick<Context, "folder" | "registry" | "checkout">,
): Promise<void> {
  const [npm] = clients;
  if (npm === undefined) throw new Error("there is no client");
  const project = await Project.create(npm, join(folder, "jest"), registry, join(folder, "caches"));
  await writeFile(join(project.folder, "package.json"), '{ "name": "consumer", "private": true }\n');
  await project.add("jest@29", ...packages.map(({ name }) => name));
  await copyFile(join(consumers, "jest.test.js"), join(project.folder, "jest.test.js"));
  const page = await readFile(join(checkout.folder, "docs/recipes.md"), "utf8");
  const [, recipe] = /^```js\n(\/\/ agent\.test\.js\n.+?)^```/ms.exec(page) ?? [];
  if (recipe === undefined) throw new Error("docs/recipes.md has no recipe for Jest");
  const emulator = await startEmulator();
  try {
    await writeFile(join(project.folder, "agent.test.js"), recipe);
    await project.execute("node_modules/jest/bin/jest.js", { PLATFORM_URL: emulator.url });
    if (emulator.requests.length === 0) throw new Error("the Jest recipe sent no request to the emulator");
  } finally {
    await emulator.close();
  }
}
