import type { Awaitable } from "@x/auth-core";
import { describeTokenStorage, type StorageFixture } from "../src/index.ts";

/** Runs the suite without a test runner: each test, and the error it failed with (`null`: it passed). */
export async function collect(create: () => Awaitable<StorageFixture>): Promise<Map<string, Error | null>> {
  const tests = new Map<string, () => Promise<void>>();
  describeTokenStorage("collected", create, {
    describe: (_name, body) => body(),
    it: (name, body) => void tests.set(name, body),
  });
  const results = new Map<string, Error | null>();
  for (const [name, body] of tests) {
    results.set(
      name,
      await body().then(
        () => null,
        (error) => error,
      ),
    );
  }
  return results;
}
