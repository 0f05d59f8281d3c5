import { memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { type Broken, faulty, stepwise, turn } from "./faults.ts";

export const replacing: readonly Broken[] = [
  {
    fault: "leaves the tail of a longer token",
    caughtBy: "replaces a longer token by a shorter one",
    create: faulty((good) => ({
      async write(token) {
        await good.write(token + ((await good.read()) ?? "").slice(token.length));
      },
    })),
  },
  {
    fault: "leaves a shorter token's length",
    caughtBy: "replaces a shorter token by a longer one",
    create: faulty((good) => ({
      async write(token) {
        await good.write(token.slice(0, (await good.read())?.length ?? token.length));
      },
    })),
  },
  {
    fault: "appends",
    caughtBy: "takes the same token twice",
    create: faulty((good) => ({
      async write(token) {
        await good.write(((await good.read()) ?? "") + token);
      },
    })),
  },
  {
    fault: "keeps the old token",
    caughtBy: "replaces a longer token by a shorter one",
    create: faulty((good) => ({
      async write(token) {
        if ((await good.read()) === null) await good.write(token);
      },
    })),
  },
  {
    fault: "remembers in each handle what was once read",
    caughtBy: "keeps what was written last, whichever handle wrote it",
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
    fault: "mixes writes that come at the same time",
    caughtBy: "ends writes at the same time as one of them, whole",
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
    fault: "shows half of a token while it is written",
    caughtBy: "never shows a part of a token, nor nothing, while it is replaced",
    create: stepwise((token) => [token.slice(0, token.length / 2)]),
  },
  {
    fault: "removes the old token before it stores the new one",
    caughtBy: "never shows a part of a token, nor nothing, while it is replaced",
    create: stepwise(() => [null]),
  },
  {
    fault: "overwrites from the left",
    caughtBy: "never shows a part of a token, nor nothing, while it is replaced",
    create: stepwise((token, old) => (old === null ? [] : [token.slice(0, 10) + old.slice(10)])),
  },
];
