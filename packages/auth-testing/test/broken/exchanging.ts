import { memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { type Faults, faulty, turn } from "./faults.ts";

export const exchanging: Faults = {
  "replaces the expected token (if it has replace)": {
    "never replaces": faulty(() => ({ replace: () => false })),
    "reports a replacement without making it": faulty(() => ({ replace: () => true })),
  },
  "leaves any other token unchanged (if it has replace)": {
    "replaces any stored token": faulty((good) => ({
      async replace(_expected, token) {
        await good.write(token);
        return true;
      },
    })),
    "replaces before comparing": faulty((good) => ({
      async replace(expected, token) {
        const stored = await good.read();
        await good.write(token);
        return stored === expected;
      },
    })),
    "compares only a prefix": faulty((good) => ({
      async replace(expected, token) {
        const stored = await good.read();
        if (expected === null ? stored !== null : !stored?.startsWith(expected)) return false;
        await good.write(token);
        return true;
      },
    })),
  },
  "does not replace null if a token is stored (if it has replace)": {
    "treats null as any token": faulty((good) => ({
      async replace(expected, token) {
        if (expected !== null && (await good.read()) !== expected) return false;
        await good.write(token);
        return true;
      },
    })),
  },
  "lets one of several concurrent calls win, and reports which (if it has replace)": {
    "lets other writers in between comparing and writing": faulty((good) => ({
      async replace(expected, token) {
        if ((await good.read()) !== expected) return false;
        await turn();
        await good.write(token);
        return true;
      },
    })),
  },
  "compares with what another handle stored (if it has replace)": {
    "compares with what this handle knew": () => {
      const good = memoryTokenStorage();
      const open = (): TokenStorage => {
        let known: string | null = null;
        return {
          ...good,
          async read() {
            known = await good.read();
            return known;
          },
          async write(token) {
            await good.write(token);
            known = token;
          },
          async replace(expected, token) {
            if (known !== expected) return false;
            await good.write(token);
            known = token;
            return true;
          },
        };
      };
      return { storage: open(), reopen: open };
    },
  },
  "does not undo a concurrent write or removal (if it has replace)": {
    "keeps only other replacements out between comparing and writing": faulty((good) => {
      let last: Promise<unknown> = Promise.resolve();
      const replace = async (expected: string | null, token: string) => {
        if ((await good.read()) !== expected) return false;
        await turn();
        await good.write(token);
        return true;
      };
      return {
        replace(expected, token) {
          const replacing = last.then(() => replace(expected, token));
          last = replacing;
          return replacing;
        },
      };
    }),
  },
  "notifies watchers of a replacement (if it has replace and watch)": {
    "does not notify of a replacement": () => {
      const good = memoryTokenStorage();
      let silent = false;
      const storage: TokenStorage = {
        ...good,
        async replace(...given) {
          silent = true;
          const replaced = await good.replace?.(...given);
          silent = false;
          return replaced ?? false;
        },
        watch: (changed) => good.watch?.(() => void (silent || changed())) ?? (() => {}),
      };
      return { storage };
    },
  },
};
