import type { Awaitable } from "@x/auth-core";
import { aborting } from "./aborting.ts";
import { exchanging } from "./exchanging.ts";
import { failing } from "./failing.ts";
import type { PromiseThat, StorageFixture } from "./fixture.ts";
import { keeping } from "./keeping.ts";
import { removing } from "./removing.ts";
import { replacing } from "./replacing.ts";
import { separating } from "./separating.ts";
import { watching } from "./watching.ts";

/** The functions of a test runner that the suite uses, as in vitest, node:test, bun, Deno's bdd and mocha. */
export interface Runner {
  /** Groups the tests registered by `body`. */
  readonly describe: (name: string, body: () => void) => unknown;
  /** Registers a test, which fails if `body` rejects. */
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}

/**
 * Registers the contract of `TokenStorage` as tests: a written token is returned unchanged, readers see the old token
 * or the new one, failures reject, an aborted call writes nothing, watchers are notified.
 *
 * The suite has no dependencies and waits at most four seconds for a watcher, so it runs wherever `describe` and `it`
 * do. A test of an optional part (`replace`, `remove`, `probe`, `watch`, a signal, `failReads`, `failWrites`) names it
 * in its title, and passes if it is missing.
 *
 * @param name the storage's name in the report
 * @param create returns an empty storage at a separate location; called once per test
 * @param runner the `describe` and `it` to register with
 * @throws TypeError without them
 * @example
 * import { describe, it } from "node:test";
 * describeTokenStorage("memory", () => ({ storage: memoryTokenStorage() }), { describe, it });
 */
export function describeTokenStorage(
  name: string,
  create: () => Awaitable<StorageFixture>,
  runner: Runner,
): void {
  if (!runner?.describe || !runner.it) {
    throw new TypeError("describeTokenStorage requires { describe, it } as its third argument.");
  }
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
    separating(promiseThat);
    aborting(promiseThat);
    watching(promiseThat);
  });
}
