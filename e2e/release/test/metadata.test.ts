import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { entryPoints, publishedPackages, root } from "../src/workspace.ts";

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

const entryPoint = (name: string) =>
  JSON.stringify({
    import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
    require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
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

  it("has entry points for import and require, each with matching types, without side effects", () => {
    expect(manifest.type).toBe("module");
    expect(manifest.sideEffects).toBe(false);
    expect(manifest.engines).toStrictEqual({ node: ">=20.19" });
    const { ".": main, "./package.json": own, ...subpaths } = manifest.exports ?? {};
    expect(own).toBe("./package.json");
    // Order matters: the first matching condition wins.
    expect(JSON.stringify(main)).toBe(entryPoint("index"));
    expect([manifest.main, manifest.types]).toStrictEqual(["./dist/index.cjs", "./dist/index.d.cts"]);
    for (const [path, entry] of Object.entries(subpaths))
      expect(JSON.stringify(entry)).toBe(entryPoint(path.slice("./".length)));
  });

  it("has types for its subpaths also under node10 resolution, which ignores `exports`", () => {
    const subpaths = entryPoints(manifest).slice(1);
    const types = Object.fromEntries(subpaths.map((entry) => [entry, [`./dist/${entry}.d.cts`]]));
    expect(manifest.typesVersions).toStrictEqual(subpaths.length === 0 ? undefined : { "*": types });
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
