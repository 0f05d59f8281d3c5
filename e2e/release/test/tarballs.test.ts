import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { unpack } from "@publint/pack";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pnpm, run } from "../src/run.ts";
import { entryPoints, type Manifest, type Package, publishedPackages, root } from "../src/workspace.ts";

/** The packages as published: packed by pnpm, as `changeset publish` does. */
const tarballs = new Map<string, Uint8Array>();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tarballs-"));
  const filters = ["--filter", "./packages/*", "--filter", "./apps/*"];
  await run(pnpm("--recursive", ...filters, "pack", "--pack-destination", folder), root);
  for (const file of await readdir(folder)) tarballs.set(file, await readFile(join(folder, file)));
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const tarballOf = ({ name, manifest }: Package) =>
  tarballs.get(`${name.slice(1).replace("/", "-")}-${manifest.version}.tgz`) ?? new Uint8Array();

/** One file per entry point; a build may split it into several. */
const isProgram = ({ manifest }: Package) => manifest.bin !== undefined;

describe.each(publishedPackages(root))("the tarball of $name", (each) => {
  const { manifest } = each;
  const tarball = () => tarballOf(each);

  it("contains the build, the documents and nothing else", async () => {
    const { files, rootDir } = await unpack(tarball());
    const found = files
      .map((file) => file.name.slice(rootDir.length + 1))
      .filter((file) => file !== "CHANGELOG.md");
    const built = entryPoints(manifest).flatMap((entry) =>
      ["cjs", "cjs.map", "d.cts", "d.ts", "js", "js.map"].map((end) => `dist/${entry}.${end}`),
    );
    if (isProgram(each)) {
      const own = found.filter((file) => /^(bin|dist)\//.test(file));
      expect(own).toEqual(
        expect.arrayContaining(Object.values(manifest.bin ?? {}).map((file) => file.slice(2))),
      );
      expect(own).toEqual(expect.arrayContaining(["dist/index.js", "dist/index.d.ts"]));
      const others = found.filter((file) => !own.includes(file));
      expect(others.sort()).toStrictEqual(["LICENSE", "README.md", "package.json"]);
      return;
    }
    expect(found.sort()).toStrictEqual(["LICENSE", "README.md", ...built.sort(), "package.json"]);
  });

  it("depends on workspace packages by a range that a registry understands", async () => {
    const { files, rootDir } = await unpack(tarball());
    const data = files.find((file) => file.name === `${rootDir}/package.json`)?.data;
    const packed: Manifest = JSON.parse(new TextDecoder().decode(data));
    const own = Object.entries(packed.dependencies ?? {}).filter(([dependency]) =>
      dependency.startsWith("@x/"),
    );
    for (const [, range] of own) expect(range).toMatch(/^\^\d+\.\d+\.\d+$/);
  });

  it("passes publint in strict mode", async () => {
    const { buffer } = Uint8Array.from(tarball());
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, level: "suggestion", strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toStrictEqual([]);
  });

  it("has correct types under every module resolution", async () => {
    const result = await checkPackage(createPackageFromTarballData(tarball()));
    if (!result.types) throw new Error("there are no types");
    expect(result.problems).toStrictEqual([]);
  });
});

describe.each([
  ["@x/heartbeat", "doctor", 1, "the workspace gets one when it registers"],
  ["@x/emulator", "--help", 0, "The platform on your own machine"],
])("the program of %s", (name, argument, code, words) => {
  it(`runs from its tarball: ${argument}`, async () => {
    const each = publishedPackages(root).find((known) => known.name === name);
    if (each === undefined) throw new Error(`${name} is not published`);
    const unpacked = join(folder, name);
    const { files, rootDir } = await unpack(tarballOf(each));
    for (const { name: path, data } of files) {
      const file = join(unpacked, path.slice(rootDir.length + 1));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, data);
    }
    // Its dependencies are resolved from this workspace.
    await symlink(join(root, each.folder, "node_modules"), join(unpacked, "node_modules"));
    const [bin = ""] = Object.values(each.manifest.bin ?? {});
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(unpacked, bin), argument], {
      env: {
        PATH: process.env.PATH,
        PLATFORM_URL: "http://127.0.0.1:9",
        WORKSPACE_ID: "0f8fad5b-d9cb-469f-a165-70867728950e",
        CONFIGS_DIR: unpacked,
      },
      encoding: "utf8",
    });
    expect(stdout + stderr).toContain(words);
    expect(status).toBe(code);
  });
});
