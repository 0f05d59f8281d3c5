import type { TokenStorage } from "@x/auth-core";
import { ensure, ensureSame } from "./assert.ts";
import { another, type PromiseThat, type StorageFixture } from "./fixture.ts";
import { type ChangeCounter, createChangeCounter, silence } from "./waiting.ts";

type Watch = (changed: () => void) => () => void;

/** Watchers are notified of other tokens until they unsubscribe. */
export function watching(promiseThat: PromiseThat): void {
  /** These apply only to storages that can be watched. */
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
        ensure(typeof stop === "function", "`watch` returns a function to unsubscribe");
        stops.push(stop);
        return stop;
      };
      try {
        await body(watch, storage, fixture);
      } finally {
        for (const stop of stops) stop();
      }
    });

  whenWatched("notifies of the first token that another handle writes", async (watch, storage, fixture) => {
    const changes = createChangeCounter();
    watch(changes.changed);
    await (await another(fixture)).write("the-first");
    await changes.moreThan(0);
    await until(storage, "the-first", changes);
  });

  whenWatched("notifies of each token that another handle writes", async (watch, storage, fixture) => {
    const other = await another(fixture);
    await storage.write("token-0");
    const changes = createChangeCounter();
    watch(changes.changed);
    for (const token of ["token-1", "token-2", "token-1"]) {
      const before = changes.count();
      await other.write(token);
      await changes.moreThan(before);
      await until(storage, token, changes);
    }
  });

  whenWatched("notifies of a token written through the watching handle itself", async (watch, storage) => {
    await storage.write("before");
    const changes = createChangeCounter();
    watch(changes.changed);
    await storage.write("after");
    await changes.moreThan(0);
    await until(storage, "after", changes);
  });

  whenWatched("notifies every watcher", async (watch, _storage, fixture) => {
    const other = await another(fixture);
    const [one, two] = [createChangeCounter(), createChangeCounter()];
    watch(one.changed);
    watch(two.changed);
    await other.write("for-both");
    await one.moreThan(0);
    await two.moreThan(0);
  });

  whenWatched(
    "stops notifying a watcher after it unsubscribed, but not others",
    async (watch, _storage, fixture) => {
      const other = await another(fixture);
      const [stopped, staying] = [createChangeCounter(), createChangeCounter()];
      const stop = watch(stopped.changed);
      watch(staying.changed);
      await other.write("heard-by-both");
      await stopped.moreThan(0);
      await staying.moreThan(0);
      // Late notifications of the first write must not count for the second.
      await silence();
      stop();
      const [silentSince, before] = [stopped.count(), staying.count()];
      await other.write("heard-by-one");
      // Once the remaining watcher is notified, the other one would have been, too.
      await staying.moreThan(before);
      await silence();
      ensure(stopped.count() === silentSince, "an unsubscribed watcher is no longer notified");
    },
  );

  whenWatched("can be unsubscribed before any change, and twice", async (watch, _storage, fixture) => {
    const other = await another(fixture);
    const [stopped, staying] = [createChangeCounter(), createChangeCounter()];
    const stop = watch(stopped.changed);
    watch(staying.changed);
    stop();
    stop();
    await other.write("heard-by-one");
    await staying.moreThan(0);
    await silence();
    ensure(stopped.count() === 0, "an unsubscribed watcher is no longer notified");
  });
}

/**
 * A reader that reads on each notification ends with the token. An early notification is fine if another one follows.
 */
async function until(storage: TokenStorage, token: string, changes: ChangeCounter): Promise<void> {
  for (;;) {
    const before = changes.count();
    const seen = await storage.read();
    if (seen === token) return;
    await changes
      .moreThan(before)
      .catch(() => ensureSame(seen, token, "reading after the last notification"));
  }
}
