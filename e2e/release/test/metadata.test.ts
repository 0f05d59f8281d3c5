import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { entryPoints, publishedPackages, root } from "../src/workspace.ts";

const packages = publishedPackages(root);
/** Said once, and by all of them: where the repository is. */
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
  it("says what a registry page shows", () => {
    expect(home).toMatch(/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+$/);
    expect(manifest.description).toMatch(/^[A-Z].{20,}[^.]$/);
    expect(manifest.license).toBe("MIT");
    expect(manifest.keywords?.length).toBeGreaterThan(3);
    expect(manifest.repository).toStrictEqual({ type: "git", url: `git+${home}.git`, directory: folder });
    expect(manifest.homepage).toBe(`${home}/tree/main/${folder}#readme`);
    expect(manifest.bugs).toStrictEqual({ url: `${home}/issues` });
    expect(existsSync(join(root, folder, "README.md"))).toBe(true);
  });

  it("has entry points for import and for require, each with types of its kind, without side effects", () => {
    expect(manifest.type).toBe("module");
    expect(manifest.sideEffects).toBe(false);
    expect(manifest.engines).toStrictEqual({ node: ">=20.19" });
    const { ".": main, "./package.json": own, ...subpaths } = manifest.exports ?? {};
    expect(own).toBe("./package.json");
    // The order counts: the first that fits is taken.
    expect(JSON.stringify(main)).toBe(entryPoint("index"));
    expect([manifest.main, manifest.types]).toStrictEqual(["./dist/index.cjs", "./dist/index.d.cts"]);
    for (const [path, entry] of Object.entries(subpaths))
      expect(JSON.stringify(entry)).toBe(entryPoint(path.slice("./".length)));
  });

  it("has the types of its subpaths also where TypeScript knows no `exports`: node10", () => {
    const subpaths = entryPoints(manifest).slice(1);
    const types = Object.fromEntries(subpaths.map((entry) => [entry, [`./dist/${entry}.d.cts`]]));
    expect(manifest.typesVersions).toStrictEqual(subpaths.length === 0 ? undefined : { "*": types });
  });

  it("is published for everybody, with its provenance, and names no registry", () => {
    expect(manifest.publishConfig).toStrictEqual({ access: "public", provenance: true });
    const program = manifest.bin === undefined ? [] : ["bin"];
    expect(manifest.files).toStrictEqual([...program, "dist", "CHANGELOG.md"]);
  });

  it("runs nothing where it is installed", () => {
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

  it("in core on nothing", () => {
    expect(dependencies["@x/auth-core"]).toStrictEqual({});
  });

  it("in node on core alone, and for an OS keychain on one that whoever wants it installs", () => {
    expect(dependencies["@x/auth-node"]).toStrictEqual({ ...core, "@napi-rs/keyring": expect.any(String) });
    const node = packages.find(({ name }) => name === "@x/auth-node");
    expect(node?.manifest.peerDependenciesMeta).toStrictEqual({ "@napi-rs/keyring": { optional: true } });
  });

  it("in testing and the client on core alone", () => {
    expect(dependencies["@x/auth-testing"]).toStrictEqual(core);
    expect(dependencies["@x/platform-client"]).toStrictEqual(core);
  });

  it("in postgres on core, and on the driver that its users have", () => {
    expect(dependencies["@x/auth-postgres"]).toStrictEqual({ ...core, pg: expect.stringMatching(/^\^8\./) });
  });

  it("in browser on core and one small library", () => {
    expect(dependencies["@x/auth-browser"]).toStrictEqual({ ...core, "idb-keyval": expect.any(String) });
  });
});
