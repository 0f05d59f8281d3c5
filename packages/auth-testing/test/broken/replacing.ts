import { memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { type Broken, faulty, stepwise, turn } from "./faults.ts";

export const replacing: readonly Broken[] = [
  {
    fault: "leaves the tail of a longer token",
    caughtBy: "replaces a longer token with a shorter one",
    create: faulty((good) => ({
      async write(token) {
        await good.write(token + ((await good.read()) ?? "").slice(token.length));
      },
    })),
  },
  {
    fault: "keeps a shorter token's length",
    caughtBy: "replaces a shorter token with a longer one",
    create: faulty((good) => ({
      async write(token) {
        await good.write(token.slice(0, (await good.read())?.length ?? token.length));
      },
    })),
  },
  {
    fault: "appends",
    caughtBy: "accepts the same token twice",
    create: faulty((good) => ({
      async write(token) {
        await good.write(((await good.read()) ?? "") + token);
      },
    })),
  },
  {
    fault: "keeps the old token",
    caughtBy: "replaces a longer token with a shorter one",
    create: faulty((good) => ({
      async write(token) {
        if ((await good.read()) === null) await good.write(token);
      },
    })),
  },
  {
    fault: "caches the first read in each handle",
    caughtBy: "keeps the last written token, whichever handle wrote it",
    create: () => {
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
  {
    fault: "mixes concurrent writes",
    caughtBy: "ends concurrent writes with one complete token",
    create: () => {
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
  {
    fault: "shows half of a token during a write",
    caughtBy: "never shows a partial or missing token during a replacement",
    create: stepwise((token) => [token.slice(0, token.length / 2)]),
  },
  {
    fault: "removes the old token before storing the new one",
    caughtBy: "never shows a partial or missing token during a replacement",
    create: stepwise(() => [null]),
  },
  {
    fault: "overwrites character by character",
    caughtBy: "never shows a partial or missing token during a replacement",
    create: stepwise((token, old) => (old === null ? [] : [token.slice(0, 10) + old.slice(10)])),
  },
];
