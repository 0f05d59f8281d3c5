import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { publishedPackages, root } from "../src/workspace.ts";

const packages = publishedPackages(root);
/** Said once, and by all of them: where the repository is. */
const [, home = ""] = /^git\+(https:\/\/.+)\.git$/.exec(packages[0]?.manifest.repository?.url ?? "") ?? [];

it("five packages are published", () => {
  const names = ["@x/auth-browser", "@x/auth-core", "@x/auth-node", "@x/auth-testing", "@x/platform-client"];
  expect(packages.map(({ name }) => name)).toStrictEqual(names);
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

  it("has one way in, types first, as ESM without side effects", () => {
    expect(manifest.type).toBe("module");
    expect(manifest.sideEffects).toBe(false);
    expect(manifest.engines).toStrictEqual({ node: ">=20.19" });
    expect(Object.keys(manifest.exports ?? {})).toStrictEqual([".", "./package.json"]);
    expect(Object.entries(manifest.exports?.["."] ?? {})).toStrictEqual([
      ["types", "./dist/index.d.ts"],
      ["default", "./dist/index.js"],
    ]);
  });

  it("is published for everybody, with its provenance, and names no registry", () => {
    expect(manifest.publishConfig).toStrictEqual({ access: "public", provenance: true });
    expect(manifest.files).toStrictEqual(["dist", "CHANGELOG.md"]);
  });

  it("runs nothing where it is installed", () => {
    const scripts = Object.keys(manifest.scripts ?? {});
    expect(scripts.filter((name) => /install|prepare|prepublish|prepack/.test(name))).toStrictEqual([]);
  });
});

describe("a package depends", () => {
  const dependencies = Object.fromEntries(
    packages.map(({ name, manifest }) => [
      name,
      { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies },
    ]),
  );
  const core = { "@x/auth-core": "workspace:^" };

  it("in core on nothing", () => {
    expect(dependencies["@x/auth-core"]).toStrictEqual({});
  });

  it("in node, testing and the client on core alone", () => {
    expect(dependencies["@x/auth-node"]).toStrictEqual(core);
    expect(dependencies["@x/auth-testing"]).toStrictEqual(core);
    expect(dependencies["@x/platform-client"]).toStrictEqual(core);
  });

  it("in browser on core and one small library", () => {
    expect(dependencies["@x/auth-browser"]).toStrictEqual({ ...core, "idb-keyval": expect.any(String) });
  });
});
