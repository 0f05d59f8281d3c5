import type { TokenStorage } from "@x/auth-core";
import { ensureFails, ensureSame } from "./assert.ts";
import { another, type PromiseThat } from "./fixture.ts";

/** Removing deletes the token; probing changes nothing. */
export function removing(promiseThat: PromiseThat): void {
  promiseThat("removes the stored token (if it has remove)", async (fixture) => {
    const { storage } = fixture;
    if (storage.remove === undefined) return;
    await storage.write("to-be-removed");
    await storage.remove();
    ensureSame(await storage.read(), null, "reading after it was removed");
    ensureSame(await (await another(fixture)).read(), null, "reading through another handle");
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

  promiseThat(
    "rejects a probe if writes fail (if it has probe and the fixture has failWrites)",
    async ({ storage, failWrites }) => {
      if (storage.probe === undefined || failWrites === undefined) return;
      await storage.write("stays");
      await failWrites();
      await ensureFails(() => storage.probe?.(), "probing while writes fail");
      ensureSame(await storage.read(), "stays", "reading after the probe");
    },
  );
}
