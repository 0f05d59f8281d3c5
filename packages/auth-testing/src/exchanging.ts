import type { AccessOptions, Awaitable, TokenStorage } from "@x/auth-core";
import { ensure, ensureSame } from "./assert.ts";
import { another, type PromiseThat, type StorageFixture } from "./fixture.ts";
import { createChangeCounter } from "./waiting.ts";

type Replace = (expected: string | null, token: string, options?: AccessOptions) => Awaitable<boolean>;

const ROUNDS = 10;

/** Only the expected token is replaced, and by only one of several concurrent calls. */
export function exchanging(promiseThat: PromiseThat): void {
  const whenReplacing = (
    name: string,
    body: (replace: Replace, storage: TokenStorage, fixture: StorageFixture) => Promise<void>,
  ) =>
    promiseThat(`${name} (if it has replace)`, async (fixture) => {
      const { storage } = fixture;
      if (storage.replace === undefined) return;
      await body((...given) => storage.replace?.(...given) ?? false, storage, fixture);
    });

  whenReplacing("replaces the expected token", async (replace, storage, fixture) => {
    ensure((await replace(null, "first")) === true, "replacing null returns true");
    ensureSame(await storage.read(), "first", "reading after null was replaced");
    ensure((await replace("first", "second")) === true, "replacing the stored token returns true");
    ensureSame(await storage.read(), "second", "reading after it was replaced");
    ensureSame(await (await another(fixture)).read(), "second", "reading through another handle");
    ensure((await replace("second", "second")) === true, "replacing a token with itself returns true");
  });

  whenReplacing("leaves any other token unchanged", async (replace, storage) => {
    ensure(
      (await replace("never-stored", "new")) === false,
      "replacing a token in an empty storage returns false",
    );
    ensureSame(await storage.read(), null, "reading afterwards");
    await storage.write("stored");
    for (const expected of ["store", "stored-too", "STORED", ""]) {
      ensure(
        (await replace(expected, "new")) === false,
        `replacing "${expected}" while another token is stored returns false`,
      );
      ensureSame(await storage.read(), "stored", "reading afterwards");
    }
  });

  whenReplacing("does not replace null if a token is stored", async (replace, storage) => {
    await storage.write("stored");
    ensure((await replace(null, "new")) === false, "replacing null while a token is stored returns false");
    ensureSame(await storage.read(), "stored", "reading afterwards");
  });

  whenReplacing(
    "lets one of several concurrent calls win, and reports which",
    async (replace, storage, fixture) => {
      const other = await another(fixture);
      const viaOther: Replace = (...given) => other.replace?.(...given) ?? false;
      for (let round = 0; round < ROUNDS; round += 1) {
        const expected = await storage.read();
        const tokens = [0, 1, 2, 3].map((index) => `round-${round}-${index}`);
        const won = await Promise.all(
          tokens.map(async (token, index) => (index % 2 === 0 ? replace : viaOther)(expected, token)),
        );
        const winners = tokens.filter((_, index) => won[index]);
        ensure(winners.length === 1, `of four concurrent calls, one wins; ${winners.length} did`);
        ensureSame(await storage.read(), winners[0] ?? null, "reading after they settled");
      }
    },
  );

  whenReplacing("compares with what another handle stored", async (replace, storage, fixture) => {
    const other = await another(fixture);
    await storage.write("first");
    ensureSame(await other.read(), "first", "reading through another handle");
    ensureSame(await storage.read(), "first", "reading");
    await other.write("second");
    ensure((await replace("first", "new")) === false, "replacing what another handle replaced returns false");
    ensureSame(await other.read(), "second", "reading afterwards");
    ensure((await replace("second", "third")) === true, "replacing what another handle stored returns true");
    ensureSame(await other.read(), "third", "reading afterwards");
  });

  whenReplacing("does not undo a concurrent write or removal", async (replace, storage, fixture) => {
    const other = await another(fixture);
    for (let round = 0; round < ROUNDS; round += 1) {
      const [old, written] = [`old-${round}`, `written-${round}`];
      await storage.write(old);
      const later = async () => {
        // A little later in each round: between any comparing and writing.
        for (let step = 0; step < round; step += 1) await Promise.resolve();
        await other.write(written);
      };
      await Promise.all([replace(old, `replaced-${round}`), later()]);
      ensureSame(await storage.read(), written, "reading after a concurrent write");
      if (other.remove === undefined) continue;
      await Promise.all([replace(written, `replaced-${round}`), other.remove()]);
      ensureSame(await storage.read(), null, "reading after a concurrent removal");
    }
  });

  promiseThat("notifies watchers of a replacement (if it has replace and watch)", async (fixture) => {
    const { storage } = fixture;
    if (storage.replace === undefined || storage.watch === undefined) return;
    await storage.write("before");
    const changes = createChangeCounter();
    const stop = storage.watch(changes.changed);
    try {
      const before = changes.count();
      ensure((await storage.replace("before", "after")) === true, "replacing the stored token returns true");
      await changes.moreThan(before);
      ensureSame(await storage.read(), "after", "reading when the watcher was called");
    } finally {
      stop();
    }
  });
}
