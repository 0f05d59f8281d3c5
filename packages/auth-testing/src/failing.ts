import { ensure, ensureFails, ensureSame } from "./assert.ts";
import type { PromiseThat, StorageFixture } from "./fixture.ts";

/** Cannot be confused with other text in an error. */
const OLD = "old-7f3a9c-token";
const NEW = "new-51be02-token";

/** Failed calls reject. They must not report an empty storage, or success. */
export function failing(promiseThat: PromiseThat): void {
  /** The suite cannot break a storage itself; without the fixture's help, the test passes unchecked. */
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

  whenReadsFail("rejects a failed read, and does not report an empty storage", async ({ storage }) => {
    await ensureFails(() => storage.read(), "reading while reads fail");
  });

  whenReadsFail("rejects every failed read, not only the first", async ({ storage }) => {
    for (let time = 1; time <= 3; time += 1) {
      await ensureFails(() => storage.read(), `read number ${time}`);
    }
  });

  whenReadsFail("reveals no token when a read fails", async ({ storage }) => {
    const error = await ensureFails(() => storage.read(), "reading while reads fail");
    ensure(!reveals(error, [OLD]), "the failed read's error does not contain the token");
  });

  whenWritesFail("rejects a failed write", async ({ storage }) => {
    await ensureFails(() => storage.write(NEW), "writing while writes fail");
    await ensureFails(() => storage.write(NEW), "writing it again");
  });

  whenWritesFail("keeps the old token when a write fails", async ({ storage }) => {
    await ensureFails(() => storage.write(NEW), "writing while writes fail");
    ensureSame(await storage.read(), OLD, "reading after the failed write");
  });

  whenWritesFail(
    "says what happened to a replacement and a removal while writes fail",
    async ({ storage }) => {
      const replaced = await settled(() => storage.replace?.(OLD, NEW) ?? null);
      ensure(replaced !== false, "replacing the stored token does not return false because writes fail");
      const then = replaced === true ? NEW : OLD;
      ensureSame(
        await storage.read(),
        then,
        `reading after replace ${replaced === true ? "returned true" : "failed"}`,
      );
      if (storage.remove === undefined) return;
      const isRemoved = (await settled(() => storage.remove?.())) !== FAILED;
      ensureSame(
        await storage.read(),
        isRemoved ? null : then,
        `reading after remove ${isRemoved ? "resolved" : "failed"}`,
      );
    },
  );

  whenWritesFail("reveals no token when a write fails", async ({ storage }) => {
    const error = await ensureFails(() => storage.write(NEW), "writing while writes fail");
    ensure(!reveals(error, [OLD, NEW]), "the failed write's error does not contain a token");
  });
}

const FAILED = Symbol("failed");

async function settled(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch {
    return FAILED;
  }
}

/** Searches an error, its properties and its causes for any of the tokens. */
function reveals(value: unknown, tokens: readonly string[], seen = new Set<unknown>()): boolean {
  if (typeof value === "string") return tokens.some((token) => value.includes(token));
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  seen.add(value);
  return [String(value), ...Reflect.ownKeys(value).map((key) => Reflect.get(value, key))].some((part) =>
    reveals(part, tokens, seen),
  );
}
