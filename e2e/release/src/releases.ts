import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { complaints, parseChangelog, type Release } from "./changelog.ts";
import type { Bump, Checkout } from "./checkout.ts";
import type { Publisher } from "./publisher.ts";
import type { Registry } from "./registry.ts";
import type { Package } from "./workspace.ts";

export const core = "@x/auth-core";

/** Makes sure that the first release has all packages: from the pending changesets, or one made up here. */
export async function prepare(checkout: Checkout): Promise<void> {
  const pending = await checkout.changesetPackages();
  for (const { name, folder } of checkout.packages()) {
    // npm creates provenance only on a supported CI service.
    await checkout.editManifest(
      folder,
      ({ publishConfig: { provenance: _, ...kept } = {}, ...manifest }) => ({
        ...manifest,
        publishConfig: kept,
      }),
    );
    const text = "This release is a rehearsal and changes nothing.";
    if (!pending.has(name)) await checkout.addChangeset(`rehearsal-${basename(folder)}`, name, "minor", text);
  }
  await checkout.commit("Ready to be released");
}

/** Releases. @returns the published packages, and the problems found at the registry */
export async function release(
  checkout: Checkout,
  publisher: Publisher,
  registry: Registry,
): Promise<Package[]> {
  const before = new Map(checkout.packages().map(({ name, manifest }) => [name, manifest.version]));
  await publisher.version();
  const bumped = checkout.packages().filter(({ name, manifest }) => before.get(name) !== manifest.version);
  for (const { name, folder } of bumped) {
    const problems = complaints(await newest(checkout, folder, name));
    if (problems.length > 0) throw new Error(`${name}: ${problems.join("\n")}`);
  }
  await checkout.build();
  const published = await publisher.publish();
  same(
    "the published packages",
    published,
    bumped.map(({ name, manifest }) => `${name}@${manifest.version}`).sort(),
  );
  for (const { name, manifest } of bumped) await arrived(registry, name, manifest.version, checkout);
  return bumped;
}

/** Checks the registry's metadata of a version: it is the latest, and depends on the workspace's packages by `^`. */
async function arrived(registry: Registry, name: string, version: string, checkout: Checkout): Promise<void> {
  const { versions, "dist-tags": tags } = await registry.metadata(name);
  same(`the latest ${name}`, tags.latest, version);
  const current = new Map(checkout.packages().map((each) => [each.name, each.manifest.version]));
  for (const [dependency, range] of Object.entries(versions[version]?.dependencies ?? {})) {
    const own = current.get(dependency);
    if (own !== undefined) same(`the range of ${dependency} in ${name}`, range, `^${own}`);
  }
}

/** A patch of core alone. */
export async function patchCore(checkout: Checkout): Promise<string> {
  const text =
    "A token that ends in a line break is accepted again. It was rejected, although white space never counted.";
  await changeCore(checkout, "patch", text);
  return text;
}

/**
 * Versions only: a change of core outside its dependents' ranges, which must follow with a patch release and the new
 * range.
 */
export async function breakCore(checkout: Checkout, publisher: Publisher): Promise<void> {
  const versions = new Map(checkout.packages().map(({ name, manifest }) => [name, manifest.version]));
  const bump = versions.get(core)?.startsWith("0.") ? "minor" : "major";
  await changeCore(checkout, bump, "`createAuth` no longer takes a storage that has no `location`.");
  await publisher.version();
  const packages = checkout.packages();
  for (const { name, folder, manifest } of packages) {
    if (manifest.dependencies?.[core] === undefined) continue;
    const [major, minor, patch] = (versions.get(name) ?? "").split(".");
    const next = `${major}.${minor}.${Number(patch) + 1}`;
    // Core and its dependents.
    const updated = packages.filter(
      (each) =>
        manifest.dependencies?.[each.name] !== undefined && versions.get(each.name) !== each.manifest.version,
    );
    const list = updated.map((each) => ` - ${each.name}@${each.manifest.version}`).join("");
    same(`the release of ${name} that follows core`, await newest(checkout, folder, name), {
      version: next,
      changes: { "Patch Changes": [`Updated dependencies${list}`] },
    });
  }
}

async function changeCore(checkout: Checkout, bump: Bump, text: string): Promise<void> {
  await checkout.touch("packages/auth-core/src/index.ts");
  await checkout.addChangeset("change-of-core", core, bump, text);
  await checkout.commit("A change of core");
}

export async function newest(checkout: Checkout, folder: string, name: string): Promise<Release> {
  const text = await readFile(join(checkout.folder, folder, "CHANGELOG.md"), "utf8");
  const [release] = parseChangelog(text, name);
  if (release === undefined) throw new Error(`the changelog of ${name} has no release`);
  return release;
}

export function same(what: string, found: unknown, expected: unknown): void {
  const [is, should] = [found, expected].map((value) => JSON.stringify(value, null, 2));
  if (is !== should) throw new Error(`${what}:\n${is}\nand not\n${should}`);
}
