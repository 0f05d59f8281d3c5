import type { AuthEventListener } from "../../src/events.ts";
import type { Env } from "../../src/headers.ts";
import { envTokenSource } from "../../src/sources.ts";
import type { TokenStorage } from "../../src/storage.ts";
import { TokenCache } from "../../src/token-cache.ts";

/** The cache of the one configured platform. */
class TestCache extends TokenCache {
  refresh(): Promise<string | null> {
    this.drop();
    return this.get();
  }
}

export function testCache(storage: TokenStorage, env: Env, emit: AuthEventListener): TestCache {
  const cache: TestCache = new TestCache("https://p.example", {
    storage,
    fallback: [envTokenSource(env)],
    emit,
    limitMs: 5_000,
    lastSave: null,
    current: () => cache,
    ownerOf: () => undefined,
  });
  return cache;
}
