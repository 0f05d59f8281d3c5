import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { publishedPackages, root } from "../src/workspace.ts";

const packages = publishedPackages(root);
/** The repository's URL, the same in every package. */
const [, home = ""] = /^git\+(https:\/\/.+)\.git$/.exec(packages[0]?.manifest.repository?.url ?? "") ?? [];

it("these packages are published", () => {
  const names = [
    ...["@x/auth-browser", "@x/auth-core", "@x/auth-node", "@x/auth-postgres", "@x/auth-testing"],
    ...["@x/emulator", "@x/heartbeat", "@x/platform-client"],
  ];
  expect(packages.map(({ name }) => name)).toStrictEqual(names);
});

describe.each(packages)("the package.json of $name", ({ folder, manifest }) => {
  it("has the fields that a registry page shows", () => {
    expect(home).toMatch(/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+$/);
    expect(manifest.description).toMatch(/^[A-Z].{20,}[^.]$/);
    expect(manifest.license).toBe("MIT");
    expect(manifest.keywords?.length).toBeGreaterThan(3);
    expect(manifest.repository).toStrictEqual({ type: "git", url: `git+${home}.git`, directory: folder });
    expect(manifest.homepage).toBe(`${home}/tree/main/${folder}#readme`);
    expect(manifest.bugs).toStrictEqual({ url: `${home}/issues` });
    expect(existsSync(join(root, folder, "README.md"))).toBe(true);
  });

  it("is a module without side effects, also for resolvers that ignore `exports`", () => {
    expect(manifest).toMatchObject({
      type: "module",
      sideEffects: false,
      engines: { node: ">=20.19" },
      main: "./dist/index.cjs",
      types: "./dist/index.d.cts",
      exports: { "./package.json": "./package.json" },
    });
  });

  it("is public, with provenance, and names no registry", () => {
    expect(manifest.publishConfig).toStrictEqual({ access: "public", provenance: true });
    const program = manifest.bin === undefined ? [] : ["bin"];
    expect(manifest.files).toStrictEqual([...program, "dist", "CHANGELOG.md"]);
  });

  it("has no install scripts", () => {
    const scripts = Object.keys(manifest.scripts ?? {});
    expect(scripts.filter((name) => /install|prepare|prepublish|prepack/.test(name))).toStrictEqual([]);
  });
});

describe("a package depends", () => {
  const dependencies = Object.fromEntries(
    packages.map(({ name, manifest: { dependencies, peerDependencies, optionalDependencies } }) => [
      name,
      { ...dependencies, ...peerDependencies, ...optionalDependencies },
    ]),
  );
  const core = { "@x/auth-core": "workspace:^" };

  it("in core: on nothing", () => {
    expect(dependencies["@x/auth-core"]).toStrictEqual({});
  });

  it("in node: on core, with an optional peer for the OS keychain", () => {
    expect(dependencies["@x/auth-node"]).toStrictEqual({ ...core, "@napi-rs/keyring": expect.any(String) });
    const node = packages.find(({ name }) => name === "@x/auth-node");
    expect(node?.manifest.peerDependenciesMeta).toStrictEqual({ "@napi-rs/keyring": { optional: true } });
  });

  it("in testing and the client: on core alone", () => {
    expect(dependencies["@x/auth-testing"]).toStrictEqual(core);
    expect(dependencies["@x/platform-client"]).toStrictEqual(core);
  });

  it("in postgres: on core, with the driver as a peer", () => {
    expect(dependencies["@x/auth-postgres"]).toStrictEqual({ ...core, pg: expect.stringMatching(/^\^8\./) });
  });

  it("in browser: on core and one small library", () => {
    expect(dependencies["@x/auth-browser"]).toStrictEqual({ ...core, "idb-keyval": expect.any(String) });
  });
});
