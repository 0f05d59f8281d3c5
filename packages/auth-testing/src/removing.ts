import type { TokenStorage } from "@x/auth-core";
import { ensureFails, ensureSame } from "./assert.ts";
import { another, type PromiseThat } from "./fixture.ts";

/** Removing deletes the token; probing changes nothing. */
export function removing(promiseThat: PromiseThat): void {
  promiseThat("removes the stored token (if it has remove)", async (fixture) => {
    const { storage } = fixture;
    if (storage.remove === undefined) return;
    const other = await another(fixture);
    await storage.write("to-be-removed");
    ensureSame(await other.read(), "to-be-removed", "reading through another handle");
    await storage.remove();
    ensureSame(await storage.read(), null, "reading after it was removed");
    ensureSame(await other.read(), null, "reading through a handle that had read it");
    ensureSame(await (await another(fixture)).read(), null, "reading through one opened afterwards");
    await storage.write("another");
    ensureSame(await storage.read(), "another", "reading what was written afterwards");
  });

  promiseThat("resolves if there is nothing to remove (if it has remove)", async ({ storage }) => {
    if (storage.remove === undefined) return;
    await storage.remove();
    await storage.remove();
    ensureSame(await storage.read(), null, "reading after removing nothing");
  });

  promiseThat("changes nothing during a probe (if it has probe)", async (fixture) => {
    const { storage } = fixture;
    if (storage.probe === undefined) return;
    const other: TokenStorage = await another(fixture);
    await storage.probe();
    ensureSame(await other.read(), null, "reading after a probe of an empty storage");
    await storage.write("stays");
    await storage.probe();
    ensureSame(await other.read(), "stays", "reading after a probe");
  });

  promiseThat("is not noticed by other handles during a probe (if it has probe)", async (fixture) => {
    const { storage } = fixture;
    if (storage.probe === undefined) return;
    const other = await another(fixture);
    await storage.write("stays");
    let probing = true;
    const probe = (async () => storage.probe?.())().finally(() => {
      probing = false;
    });
    // Awaited at the end; an earlier rejection must not count as unhandled.
    probe.catch(() => {});
    for (let round = 0; probing && round < 1_000; round += 1) {
      ensureSame(await other.read(), "stays", "reading while a probe runs");
      await Promise.resolve();
    }
    await probe;
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([storage.probe(), other.write(`written-${round}`)]);
      ensureSame(await other.read(), `written-${round}`, "reading what was written during a probe");
    }
  });

  promiseThat(
    "rejects a probe if writes fail (if it has probe and the fixture has failWrites)",
    async (fixture) => {
      const { storage } = fixture;
      if (storage.probe === undefined || fixture.failWrites === undefined) return;
      await storage.write("stays");
      await fixture.failWrites();
      await ensureFails(() => storage.probe?.(), "probing while writes fail");
      ensureSame(await storage.read(), "stays", "reading after the probe");
    },
  );
}
