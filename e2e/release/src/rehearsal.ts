import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startEmulator } from "@x/emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changesetsOf, copyWorkingTree, workingTree } from "./checkout.ts";
import { clients, createProject, environment, npm } from "./clients.ts";
import { startRegistry } from "./registry.ts";
import { bare, typeCheck } from "./type-check.ts";
import { publishedPackages, root } from "./workspace.ts";

const packages = publishedPackages(root);
const names = packages.map(({ name }) => name);
const core = "@x/auth-core";
const dependents = names.filter((name) => name !== core);

const before = await workingTree();
const folder = await realpath(await mkdtemp(join(tmpdir(), "rehearsal-")));
const registry = await startRegistry(join(folder, "registry"));
const env = { ...environment(registry.url, join(folder, "registry")) };
const checkout = await copyWorkingTree(join(folder, "checkout"));
const changeset = await changesetsOf(checkout, env);
const consumers = fileURLToPath(new URL("../consumers", import.meta.url));

const versions = () => new Map(checkout.packages().map(({ name, manifest }) => [name, manifest.version]));

/** Applies the pending changesets, as the pull request “Version packages” does. @returns the new versions */
async function version(): Promise<string[]> {
  const old = versions();
  await changeset("version");
  await checkout.commit("Version packages");
  return [...versions()].filter(([name, now]) => old.get(name) !== now).map((pair) => pair.join("@"));
}

/** Publishes what is not published yet, and only to the registry of the rehearsal. @returns the published versions */
async function publish(): Promise<string[]> {
  await checkout.build();
  expect(env.npm_config_registry).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  // It would override the environment.
  for (const { manifest } of checkout.packages())
    expect(manifest.publishConfig ?? {}).not.toHaveProperty("registry");
  await changeset("publish");
  return (await checkout.git("tag", "--points-at", "HEAD")).trim().split("\n").sort();
}

async function changeCore(bump: "patch" | "minor" | "major", text: string): Promise<void> {
  await checkout.touch("packages/auth-core/src/index.ts");
  await checkout.addChangeset([core], bump, text);
  await checkout.commit("A change of core");
}

beforeAll(async () => {
  await checkout.dropProvenance();
  await checkout.addChangeset(names, "minor", "This release is a rehearsal and changes nothing.");
  await checkout.commit("Ready to be released");
  const versioned = await version();
  expect(versioned).toHaveLength(names.length);
  expect(await publish()).toEqual(versioned);
});

afterAll(async () => {
  registry.server.close();
  await rm(folder, { recursive: true });
});

describe.concurrent.for(clients)("with $name", (client) => {
  /** Yarn's Plug'n'Play does not unpack packages, which compilers and the threads of our programs need. */
  const isPacked = client.settings?.YARN_NODE_LINKER === "pnp";

  it.for(packages.filter(({ manifest: { bin } }) => !isPacked || bin === undefined))(
    "$name is installed, loaded and its types are checked within a minute, in an empty project",
    async ({ name, folder: own, manifest: { peerDependencies = {}, peerDependenciesMeta = {} } }, {
      expect,
    }) => {
      const place = join(folder, `${basename(own)}-${client.name}`);
      const project = await createProject(place, client, env);
      const started = performance.now();
      const peers = Object.keys(peerDependencies).filter((peer) => !(peer in peerDependenciesMeta));
      await project.add([name, ...peers.map((peer) => `${peer}@${peerDependencies[peer]}`)]);
      await copyFile(join(consumers, "imports.mjs"), join(place, "imports.mjs"));
      const built = await readFile(join(checkout.folder, own, "dist/index.js"));
      const digest = createHash("sha256").update(built).digest("hex");
      for (const found of await project.run(["imports.mjs", name])) expect(found.trim()).toBe(digest);
      if (!isPacked) {
        const program = join(place, "program.mts");
        await writeFile(program, `import * as all from "${name}";\nexport default all;\n`);
        expect(typeCheck([program], bare)).toBe("");
      }
      expect(performance.now() - started).toBeLessThan(60_000);
    },
  );
});

it("all packages can be required in Jest, and its recipe runs", async () => {
  const place = join(folder, "jest");
  const project = await createProject(place, npm, env);
  await project.add(["jest@29", ...names]);
  await copyFile(join(consumers, "jest.test.js"), join(place, "jest.test.js"));
  const page = await readFile(join(root, "docs/recipes.md"), "utf8");
  const [, recipe = ""] = /^```js\n(\/\/ agent\.test\.js\n.+?)^```/ms.exec(page) ?? [];
  await writeFile(join(place, "agent.test.js"), recipe);
  await using emulator = await startEmulator();
  await project.run(["node_modules/jest/bin/jest.js"], { PLATFORM_URL: emulator.url });
  expect(emulator.requests).not.toHaveLength(0);
});

it("a patch of core is released alone, and its dependents share one copy of it", async () => {
  const text = "A token that ends in a line break is accepted again.";
  await changeCore("patch", text);
  const versioned = await version();
  expect(await publish()).toEqual(versioned);
  expect(versioned).toEqual([`${core}@${versions().get(core)}`]);
  expect(await readFile(join(checkout.folder, "packages/auth-core/CHANGELOG.md"), "utf8")).toContain(text);
  const place = join(folder, "after-the-patch");
  const project = await createProject(place, npm, env);
  await project.add(dependents);
  const [installed = ""] = await project.run(["--print", `require("${core}/package.json").version`]);
  expect(`${core}@${installed.trim()}`).toBe(versioned[0]);
  const lockfile = JSON.parse(await readFile(join(place, "package-lock.json"), "utf8"));
  expect(Object.keys(lockfile.packages).filter((path) => path.endsWith(core))).toHaveLength(1);
});

it("a breaking change of core is followed by a patch of each dependent", async () => {
  const old = versions();
  await changeCore(old.get(core)?.startsWith("0.") ? "minor" : "major", "`createAuth` needs a `location`.");
  await version();
  const next = versions();
  for (const { name, manifest } of packages.filter((each) => each.manifest.dependencies?.[core])) {
    const patched = old.get(name)?.replace(/\d+$/, (patch) => String(Number(patch) + 1));
    expect(next.get(name), name).toBe(patched);
    expect(manifest.dependencies?.[core]).toBe("workspace:^");
  }
});

it.for([
  { title: "a change without a changeset", touches: "packages/auth-node/src/index.ts", passes: false },
  { title: "a change with a changeset", touches: "packages/auth-node/src/index.ts", has: true, passes: true },
  { title: "a change of a test", touches: "packages/auth-node/src/index.test.ts", passes: true },
  { title: "a change of an app", touches: "apps/heartbeat/src/cli.ts", passes: false },
])("the check of a pull request with $title: passes is $passes", async ({ title, touches, has, passes }) => {
  await checkout.git("checkout", "--quiet", "-B", "pull-request", "main");
  await checkout.touch(touches);
  if (has) await checkout.addChangeset(["@x/auth-node"], "patch", "A change.");
  await checkout.commit(title);
  const status = changeset("status", "--since=main");
  if (passes) await status;
  else await expect(status).rejects.toThrow("no changesets were found");
});

it("the working tree is as it was", async () => {
  expect(await workingTree()).toBe(before);
});
