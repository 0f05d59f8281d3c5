import { memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { type Faults, faulty, stepwise, turn } from "./faults.ts";

export const replacing: Faults = {
  "replaces a longer token with a shorter one": {
    "leaves the tail of a longer token": faulty((good) => ({
      async write(token) {
        await good.write(token + ((await good.read()) ?? "").slice(token.length));
      },
    })),
    "keeps the old token": faulty((good) => ({
      async write(token) {
        if ((await good.read()) === null) await good.write(token);
      },
    })),
  },
  "replaces a shorter token with a longer one": {
    "keeps a shorter token's length": faulty((good) => ({
      async write(token) {
        await good.write(token.slice(0, (await good.read())?.length ?? token.length));
      },
    })),
  },
  "accepts the same token twice": {
    appends: faulty((good) => ({
      async write(token) {
        await good.write(((await good.read()) ?? "") + token);
      },
    })),
  },
  "keeps the last written token, whichever handle wrote it": {
    "caches the first read in each handle": () => {
      const good = memoryTokenStorage();
      const open = (): TokenStorage => {
        let known: string | null = null;
        return {
          location: "memory",
          async read() {
            known ??= await good.read();
            return known;
          },
          async write(token) {
            await good.write(token);
            known = token;
          },
        };
      };
      return { storage: open(), reopen: open };
    },
  },
  "returns a new token to a read that began after it was written": {
    "lets reads join an earlier one": faulty((good) => {
      let reading: Promise<string | null> | null = null;
      const read = async () => {
        const text = await good.read();
        await turn();
        reading = null;
        return text;
      };
      return {
        read() {
          reading ??= read();
          return reading;
        },
      };
    }),
  },
  "ends concurrent writes with one complete token": {
    "mixes concurrent writes": () => {
      let stored: string | null = null;
      return {
        storage: {
          location: "memory",
          read: () => stored,
          async write(token) {
            stored = null;
            for (const part of token.match(/.{1,4000}/g) ?? []) {
              await turn();
              stored = (stored ?? "") + part;
            }
          },
        },
      };
    },
  },
  "never shows a partial or missing token during a replacement": {
    "shows half of a token during a write": stepwise((token) => [token.slice(0, token.length / 2)]),
    "removes the old token before storing the new one": stepwise(() => [null]),
    "overwrites character by character": stepwise((token, old) =>
      old === null ? [] : [token.slice(0, 10) + old.slice(10)],
    ),
  },
};
