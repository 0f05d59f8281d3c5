import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { unpack } from "@publint/pack";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pnpm } from "../src/run.ts";
import { type Manifest, publishedPackages, root } from "../src/workspace.ts";

/** What is published: packed by pnpm, as `changeset publish` has it done. */
const tarballs = new Map<string, Uint8Array>();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tarballs-"));
  await pnpm(["--recursive", "--filter", "./packages/*", "pack", "--pack-destination", folder], {
    cwd: root,
  });
  for (const file of await readdir(folder)) tarballs.set(file, await readFile(join(folder, file)));
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(publishedPackages(root))("the tarball of $name", ({ name, manifest }) => {
  const tarball = () =>
    tarballs.get(`${name.slice(1).replace("/", "-")}-${manifest.version}.tgz`) ?? new Uint8Array();

  it("holds what was built, what there is to read, and nothing else", async () => {
    const { files, rootDir } = await unpack(tarball());
    const found = files
      .map((file) => file.name.slice(rootDir.length + 1))
      .filter((file) => file !== "CHANGELOG.md");
    const expected = [
      "LICENSE",
      "README.md",
      "dist/index.d.ts",
      "dist/index.js",
      "dist/index.js.map",
      "package.json",
    ];
    expect(found.sort()).toStrictEqual(expected);
  });

  it("asks for the workspace's own by a range that a registry understands", async () => {
    const { files, rootDir } = await unpack(tarball());
    const data = files.find((file) => file.name === `${rootDir}/package.json`)?.data;
    const packed: Manifest = JSON.parse(new TextDecoder().decode(data));
    const own = Object.entries(packed.dependencies ?? {}).filter(([dependency]) =>
      dependency.startsWith("@x/"),
    );
    for (const [, range] of own) expect(range).toMatch(/^\^\d+\.\d+\.\d+$/);
  });

  it("leaves publint nothing to say, at its strictest", async () => {
    const { buffer } = Uint8Array.from(tarball());
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, level: "suggestion", strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toStrictEqual([]);
  });

  it("has types that are right wherever ESM is resolved", async () => {
    const result = await checkPackage(createPackageFromTarballData(tarball()));
    if (!result.types) throw new Error("there are no types");
    // A package that is ESM only has these two: it is no CommonJS, and Node 10 knows no `exports`.
    const known = ["CJSResolvesToESM", "NoResolution"];
    const problems = result.problems.filter(
      (problem) =>
        !known.includes(problem.kind) ||
        !("resolutionKind" in problem) ||
        !["node10", "node16-cjs"].includes(problem.resolutionKind),
    );
    expect(problems).toStrictEqual([]);
  });
});
