import type { AccessOptions, TokenStorage } from "@x/auth-core";
import type { StorageFixture } from "../../src/index.ts";
import type { Faults } from "./faults.ts";

/** Stores each platform's token under a key. */
const keyed =
  (
    keyOf: (origin: string) => string,
    change: (map: Map<string, string>) => Partial<TokenStorage> = () => ({}),
  ) =>
  (): StorageFixture => {
    const map = new Map<string, string>();
    const key = (options?: AccessOptions) => keyOf(options?.platformOrigin ?? "");
    const storage: TokenStorage = {
      location: "memory",
      read: (options) => map.get(key(options)) ?? null,
      write: (token, options) => void map.set(key(options), token),
      replace(expected, token, options) {
        const same = (map.get(key(options)) ?? null) === expected;
        if (same) map.set(key(options), token);
        return same;
      },
      remove: (options) => void map.delete(key(options)),
      ...change(map),
    };
    return { storage };
  };
const same = (origin: string) => origin;

export const separating: Faults = {
  "keeps the tokens of platforms apart (if it tells them apart)": {
    "ignores the port": keyed((origin) => origin.replace(/:\d+$/, "")),
    "drops what is not a letter or a digit": keyed((origin) => origin.replace(/[^a-z0-9]/g, "")),
    "removes the tokens of all platforms": keyed(same, (map) => ({ remove: () => map.clear() })),
    "removes the platform's token that was written last": keyed(same, (map) => ({
      remove: () => void map.delete([...map.keys()].at(-1) ?? ""),
    })),
    "compares with any platform's token": keyed(same, (map) => ({
      replace: (expected) => [...map.values()].includes(expected ?? ""),
    })),
  },
};
