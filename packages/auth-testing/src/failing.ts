import { ensure, ensureFails, ensureSame } from "./assert.ts";
import type { PromiseThat, StorageFixture } from "./fixture.ts";

/** Told apart from everything else that an error may say. */
const OLD = "old-7f3a9c-token";
const NEW = "new-51be02-token";

/** A failure is a failure: neither "nothing stored" nor "stored". */
export function failing(promiseThat: PromiseThat): void {
  /** The suite cannot break a storage by itself; where the fixture does not either, the promise goes unchecked. */
  const whenReadsFail = (name: string, body: (fixture: StorageFixture) => Promise<void>) =>
    promiseThat(`${name} (if the fixture has failReads)`, async (fixture) => {
      if (fixture.failReads === undefined) return;
      await fixture.storage.write(OLD);
      await fixture.failReads();
      await body(fixture);
    });
  const whenWritesFail = (name: string, body: (fixture: StorageFixture) => Promise<void>) =>
    promiseThat(`${name} (if the fixture has failWrites)`, async (fixture) => {
      if (fixture.failWrites === undefined) return;
      await fixture.storage.write(OLD);
      await fixture.failWrites();
      await body(fixture);
    });

  whenReadsFail("rejects a read that fails, and does not take it for nothing stored", async ({ storage }) => {
    await ensureFails(() => storage.read(), "reading what cannot be read");
  });

  whenReadsFail("rejects every read that fails, not only the first", async ({ storage }) => {
    for (let time = 1; time <= 3; time += 1) {
      await ensureFails(() => storage.read(), `read number ${time}`);
    }
  });

  whenReadsFail("names no token when a read fails", async ({ storage }) => {
    const error = await ensureFails(() => storage.read(), "reading what cannot be read");
    ensure(!tells(error, [OLD]), "the failed read's error does not hold the token");
  });

  whenWritesFail("rejects a write that fails", async ({ storage }) => {
    await ensureFails(() => storage.write(NEW), "writing where nothing can be written");
    await ensureFails(() => storage.write(NEW), "writing it again");
  });

  whenWritesFail("keeps the old token when a write fails", async ({ storage }) => {
    await ensureFails(() => storage.write(NEW), "writing where nothing can be written");
    ensureSame(await storage.read(), OLD, "reading after the failed write");
  });

  whenWritesFail("names no token when a write fails", async ({ storage }) => {
    const error = await ensureFails(() => storage.write(NEW), "writing where nothing can be written");
    ensure(!tells(error, [OLD, NEW]), "the failed write's error does not hold a token");
  });
}

/** Looks through an error, its own fields and its causes, for any of the tokens. */
function tells(value: unknown, tokens: readonly string[], seen = new Set<unknown>()): boolean {
  if (typeof value === "string") return tokens.some((token) => value.includes(token));
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  seen.add(value);
  return [String(value), ...Reflect.ownKeys(value).map((key) => Reflect.get(value, key))].some((part) =>
    tells(part, tokens, seen),
  );
}
