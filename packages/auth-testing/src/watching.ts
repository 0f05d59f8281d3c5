import type { TokenStorage } from "@x/auth-core";
import { ensure, ensureSame } from "./assert.ts";
import { another, type PromiseThat, type StorageFixture } from "./fixture.ts";
import { createNotices, type Notices, silence } from "./waiting.ts";

type Watch = (changed: () => void) => () => void;

/** Whoever watches is told of another token, and is left alone after stopping. */
export function watching(promiseThat: PromiseThat): void {
  /** Not every storage can be watched; one that can keeps these. */
  const whenWatched = (
    name: string,
    body: (watch: Watch, storage: TokenStorage, fixture: StorageFixture) => Promise<void>,
  ) =>
    promiseThat(`${name} (if it has watch)`, async (fixture) => {
      const { storage } = fixture;
      if (storage.watch === undefined) return;
      const stops: (() => void)[] = [];
      const watch: Watch = (changed) => {
        const stop = storage.watch?.(changed);
        ensure(typeof stop === "function", "`watch` returns the way to stop");
        stops.push(stop);
        return stop;
      };
      try {
        await body(watch, storage, fixture);
      } finally {
        for (const stop of stops) stop();
      }
    });

  whenWatched("tells of the first token that another handle writes", async (watch, storage, fixture) => {
    const notices = createNotices();
    watch(notices.changed);
    await (await another(fixture)).write("the-first");
    await notices.moreThan(0);
    await until(storage, "the-first", notices);
  });

  whenWatched("tells of each token that another handle writes", async (watch, storage, fixture) => {
    const other = await another(fixture);
    await storage.write("token-0");
    const notices = createNotices();
    watch(notices.changed);
    for (const token of ["token-1", "token-2", "token-1"]) {
      const before = notices.count();
      await other.write(token);
      await notices.moreThan(before);
      await until(storage, token, notices);
    }
  });

  whenWatched("tells of a token written through the watching handle itself", async (watch, storage) => {
    await storage.write("before");
    const notices = createNotices();
    watch(notices.changed);
    await storage.write("after");
    await notices.moreThan(0);
    await until(storage, "after", notices);
  });

  whenWatched("tells every watcher", async (watch, _storage, fixture) => {
    const other = await another(fixture);
    const [one, two] = [createNotices(), createNotices()];
    watch(one.changed);
    watch(two.changed);
    await other.write("for-both");
    await one.moreThan(0);
    await two.moreThan(0);
  });

  whenWatched(
    "tells a watcher nothing after it stopped, and others still",
    async (watch, _storage, fixture) => {
      const other = await another(fixture);
      const [stopped, staying] = [createNotices(), createNotices()];
      const stop = watch(stopped.changed);
      watch(staying.changed);
      await other.write("heard-by-both");
      await stopped.moreThan(0);
      await staying.moreThan(0);
      // What the first write still has to say must not be counted for the second.
      await silence();
      stop();
      const [silentSince, before] = [stopped.count(), staying.count()];
      await other.write("heard-by-one");
      // When the one that stays has been told, the other would have been too.
      await staying.moreThan(before);
      await silence();
      ensure(stopped.count() === silentSince, "a watcher that stopped is not told any more");
    },
  );

  whenWatched("can be stopped before anything happened, and twice", async (watch, _storage, fixture) => {
    const other = await another(fixture);
    const [stopped, staying] = [createNotices(), createNotices()];
    const stop = watch(stopped.changed);
    watch(staying.changed);
    stop();
    stop();
    await other.write("heard-by-one");
    await staying.moreThan(0);
    await silence();
    ensure(stopped.count() === 0, "a watcher that stopped is not told any more");
  });
}

/** Whoever reads at each notice ends up with the token. A notice may come early, but then not only early. */
async function until(storage: TokenStorage, token: string, notices: Notices): Promise<void> {
  for (;;) {
    const before = notices.count();
    const seen = await storage.read();
    if (seen === token) return;
    await notices.moreThan(before).catch(() => ensureSame(seen, token, "reading after the last notice"));
  }
}
