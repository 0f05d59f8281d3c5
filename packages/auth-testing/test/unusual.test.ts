import { memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { expect, test } from "vitest";
import type { StorageFixture } from "../src/index.ts";
import { collect } from "./collect.ts";

/** Its methods need their `this`, and throw instead of rejecting. */
class PrivateStorage implements Required<TokenStorage> {
  readonly location = "private";
  readonly #good = memoryTokenStorage() as Required<TokenStorage>;
  #failing: "nothing" | "reads" | "writes" = "nothing";

  fail(what: "reads" | "writes"): void {
    this.#failing = what;
  }

  read: TokenStorage["read"] = (options) => {
    if (this.#failing === "reads") throw new Error("cannot be read");
    return this.#good.read(options);
  };

  write(...[token, options]: Parameters<TokenStorage["write"]>) {
    this.#check();
    return this.#good.write(token, options);
  }

  replace(...given: Parameters<Required<TokenStorage>["replace"]>) {
    this.#check();
    return this.#good.replace(...given);
  }

  remove(...given: Parameters<Required<TokenStorage>["remove"]>) {
    this.#check();
    return this.#good.remove(...given);
  }

  probe(...given: Parameters<Required<TokenStorage>["probe"]>) {
    this.#check();
    return this.#good.probe(...given);
  }

  watch(...given: Parameters<Required<TokenStorage>["watch"]>) {
    return this.#good.watch(...given);
  }

  #check(): void {
    if (this.#failing === "writes") throw new Error("cannot be written");
  }
}

class PrivateFixture implements StorageFixture {
  readonly #storage = new PrivateStorage();

  get storage(): TokenStorage {
    return this.#storage;
  }

  reopen(): TokenStorage {
    return this.#storage;
  }

  failReads(): void {
    this.#storage.fail("reads");
  }

  failWrites(): void {
    this.#storage.fail("writes");
  }

  dispose(): void {
    this.#storage.fail("reads");
  }
}

test.each<[string, () => StorageFixture]>([
  ["is a class instance that throws, in a fixture that is one", () => new PrivateFixture()],
  ["is frozen", () => Object.freeze({ storage: Object.freeze(memoryTokenStorage()) })],
  ["is a proxy", () => ({ storage: new Proxy(memoryTokenStorage(), {}) })],
  ["has no prototype", () => ({ storage: Object.assign(Object.create(null), memoryTokenStorage()) })],
  ["inherits its methods", () => ({ storage: Object.create(memoryTokenStorage()) })],
])("a correct storage that %s passes", async (_, create) => {
  const results = await collect(create);
  expect([...results].filter(([, failure]) => failure !== null)).toEqual([]);
});
