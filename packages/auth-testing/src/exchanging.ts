import type { AccessOptions, Awaitable, TokenStorage } from "@x/auth-core";
import { ensure, ensureSame } from "./assert.ts";
import { another, type PromiseThat, type StorageFixture } from "./fixture.ts";
import { createNotices } from "./waiting.ts";

type Replace = (expected: string | null, token: string, options?: AccessOptions) => Awaitable<boolean>;

const ROUNDS = 10;

/** What is expected is replaced, and nothing else: of several that expect the same, one. */
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

  whenReplacing("replaces what is expected", async (replace, storage, fixture) => {
    ensure((await replace(null, "first")) === true, "replacing nothing gives true");
    ensureSame(await storage.read(), "first", "reading after the first token was put in place of nothing");
    ensure((await replace("first", "second")) === true, "replacing what is stored gives true");
    ensureSame(await storage.read(), "second", "reading after it was replaced");
    ensureSame(await (await another(fixture)).read(), "second", "reading through another handle");
    ensure((await replace("second", "second")) === true, "replacing a token by itself gives true");
  });

  whenReplacing("refuses anything else, and changes nothing", async (replace, storage) => {
    ensure(
      (await replace("never-stored", "new")) === false,
      "replacing a token where nothing is gives false",
    );
    ensureSame(await storage.read(), null, "reading after that was refused");
    await storage.write("stored");
    for (const expected of ["store", "stored-too", "STORED", ""]) {
      ensure(
        (await replace(expected, "new")) === false,
        `replacing "${expected}" where it is not gives false`,
      );
      ensureSame(await storage.read(), "stored", "reading after that was refused");
    }
  });

  whenReplacing("refuses to put a token in place of nothing where there is one", async (replace, storage) => {
    await storage.write("stored");
    ensure((await replace(null, "new")) === false, "replacing nothing where a token is gives false");
    ensureSame(await storage.read(), "stored", "reading after that was refused");
  });

  whenReplacing("lets one of several at once win, and says which", async (replace, storage, fixture) => {
    const other = await another(fixture);
    const viaOther: Replace = (...given) => other.replace?.(...given) ?? false;
    for (let round = 0; round < ROUNDS; round += 1) {
      const expected = await storage.read();
      const tokens = [0, 1, 2, 3].map((index) => `round-${round}-${index}`);
      const won = await Promise.all(
        tokens.map(async (token, index) => (index % 2 === 0 ? replace : viaOther)(expected, token)),
      );
      const winners = tokens.filter((_, index) => won[index]);
      ensure(winners.length === 1, `of four at once one wins; ${winners.length} did`);
      ensureSame(await storage.read(), winners[0] ?? null, "reading after they settled");
    }
  });

  promiseThat("tells watchers that it replaced (if it has replace and watch)", async (fixture) => {
    const { storage } = fixture;
    if (storage.replace === undefined || storage.watch === undefined) return;
    await storage.write("before");
    const notices = createNotices();
    const stop = storage.watch(notices.changed);
    try {
      const before = notices.count();
      ensure((await storage.replace("before", "after")) === true, "replacing what is stored gives true");
      await notices.moreThan(before);
      ensureSame(await storage.read(), "after", "reading when the watcher was called");
    } finally {
      stop();
    }
  });
}
