import type { Awaitable } from "@x/auth-core";
import { aborting } from "./aborting.ts";
import { exchanging } from "./exchanging.ts";
import { failing } from "./failing.ts";
import type { PromiseThat, StorageFixture } from "./fixture.ts";
import { keeping } from "./keeping.ts";
import { removing } from "./removing.ts";
import { replacing } from "./replacing.ts";
import { watching } from "./watching.ts";

/** The two functions of a test runner that the suite needs: those of vitest, node:test, bun, Deno's bdd, mocha. */
export interface Runner {
  /** Groups the tests that `body` registers. */
  readonly describe: (name: string, body: () => void) => unknown;
  /** Registers one test, which fails when `body` rejects. */
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}

/**
 * Registers the contract that every `TokenStorage` keeps as tests: what goes in comes out, a reader sees the old token
 * or the new one and never a part, a failure is a failure, an aborted call writes nothing, watchers are called.
 *
 * The suite brings its own assertions and waits at most four seconds for a watcher, so it runs wherever `describe` and
 * `it` do. Whatever it asks of an optional part (`replace`, `remove`, `probe`, `watch`, a signal, `failReads`,
 * `failWrites`) says so in its name, and passes where that part is missing.
 *
 * @param name what is tested, as it is to appear in the report
 * @param create gives a storage with nothing in it, in a place of its own; called once for each test
 * @param runner the `describe` and `it` to register with
 * @example
 * import { describe, it } from "node:test";
 * describeTokenStorage("memory", () => ({ storage: memoryTokenStorage() }), { describe, it });
 */
export function describeTokenStorage(
  name: string,
  create: () => Awaitable<StorageFixture>,
  runner: Runner,
): void {
  const promiseThat: PromiseThat = (promise, body) => {
    runner.it(promise, async () => {
      const fixture = await create();
      try {
        await body(fixture);
      } finally {
        await fixture.dispose?.();
      }
    });
  };
  runner.describe(`${name} keeps the contract of a token storage`, () => {
    keeping(promiseThat);
    replacing(promiseThat);
    failing(promiseThat);
    exchanging(promiseThat);
    removing(promiseThat);
    aborting(promiseThat);
    watching(promiseThat);
  });
}
