import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBrowser } from "./browser.ts";
import { copyCheckout } from "./checkout.ts";
import { installEverywhere, testWithJest, versionsOf } from "./external-consumers.ts";
import { differences, fingerprint } from "./fingerprint.ts";
import { checkPullRequests } from "./missing-changeset.ts";
import { Aborted, Progress } from "./progress.ts";
import { Publisher } from "./publisher.ts";
import { Registry } from "./registry.ts";
import { breakCore, core, newest, patchCore, prepare, release, same } from "./releases.ts";
import { pnpmCommand } from "./run.ts";
import { root } from "./workspace.ts";

const progress = new Progress();
const folder = await realpath(await mkdtemp(join(tmpdir(), "rehearsal-")));
const before = await fingerprint(root);
let registry: Registry | undefined;
try {
  await rehearse();
} catch (error) {
  if (!(error instanceof Aborted)) progress.fail("the rehearsal itself", error);
} finally {
  await registry?.stop();
}
const touched = differences(before, await fingerprint(root));
if (touched.length > 0)
  progress.fail(
    "the working tree is unchanged",
    `changed during the rehearsal, by it or another process:\n${touched.join("\n")}`,
  );
process.exitCode = progress.finish();
if (process.exitCode === 0) await rm(folder, { recursive: true, force: true });
else process.stdout.write(`All artifacts are in ${folder}\n`);

async function rehearse(): Promise<void> {
  if (pnpmCommand()[0] !== process.execPath) throw new Error("start it as `pnpm release:rehearse`");
  const known = await progress.step("a registry on this machine", () =>
    Registry.start(join(folder, "registry")),
  );
  registry = known;
  progress.note(`${known.url}, empty`);

  const checkout = await progress.step("a copy of the working tree", async () => {
    const copy = await copyCheckout(root, join(folder, "checkout"));
    await copy.install();
    await prepare(copy);
    return copy;
  });
  const publisher = await Publisher.create(checkout, known, join(folder, "publisher"));

  const all = await progress.step("a first release of every package", async () => {
    const published = await release(checkout, publisher, known);
    same("the number of packages in the first release", published.length, checkout.packages().length);
    return published;
  });
  for (const { name, manifest } of all) progress.note(`${name}@${manifest.version}`);

  const browser = await startBrowser();
  try {
    const context = { browser, registry: known, folder: join(folder, "consumers"), checkout, progress };
    await progress.step("each package alone, with each package manager", () =>
      installEverywhere(all, context),
    );
    await progress.step("all packages in Jest, by require", () => testWithJest(all, context));
  } finally {
    await browser.close();
  }

  await progress.step("a second release, with a patch of core", async () => {
    const text = await patchCore(checkout);
    const [patched, ...others] = await release(checkout, publisher, known);
    same("the packages released besides core", others, []);
    if (patched?.name !== core) throw new Error(`${patched?.name} was released instead of core`);
    const { version } = patched.manifest;
    same("its changelog", await newest(checkout, patched.folder, core), {
      version,
      changes: { "Patch Changes": [text] },
    });
    const dependents = all.filter(({ name }) => name !== core).map(({ name }) => name);
    const found = await versionsOf(core, dependents, known, join(folder, "after-the-patch"));
    same("the copies of core that its dependents share", found, [version]);
    progress.note(`${core}@${version}, one copy, for the unchanged ${dependents.join(", ")}`);
  });

  await progress.step("a breaking change of core, which dependents have to follow", () =>
    breakCore(checkout, publisher),
  );

  await progress.step("pull requests with and without a changeset", async () => {
    same("wrong outcomes", await checkPullRequests(checkout, publisher), []);
  });
}
