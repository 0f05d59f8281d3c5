import { memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { type Broken, faulty, turn } from "./faults.ts";

export const exchanging: readonly Broken[] = [
  {
    fault: "never replaces",
    caughtBy: "replaces what is expected (if it has replace)",
    create: faulty(() => ({ replace: () => false })),
  },
  {
    fault: "says that it replaced, and did not",
    caughtBy: "replaces what is expected (if it has replace)",
    create: faulty(() => ({ replace: () => true })),
  },
  {
    fault: "replaces whatever is stored",
    caughtBy: "refuses anything else, and changes nothing (if it has replace)",
    create: faulty((good) => ({
      async replace(_expected, token) {
        await good.write(token);
        return true;
      },
    })),
  },
  {
    fault: "replaces first and compares then",
    caughtBy: "refuses anything else, and changes nothing (if it has replace)",
    create: faulty((good) => ({
      async replace(expected, token) {
        const stored = await good.read();
        await good.write(token);
        return stored === expected;
      },
    })),
  },
  {
    fault: "compares only the beginning",
    caughtBy: "refuses anything else, and changes nothing (if it has replace)",
    create: faulty((good) => ({
      async replace(expected, token) {
        const stored = await good.read();
        if (expected === null ? stored !== null : !stored?.startsWith(expected)) return false;
        await good.write(token);
        return true;
      },
    })),
  },
  {
    fault: "takes null for whatever there is",
    caughtBy: "refuses to put a token in place of nothing where there is one (if it has replace)",
    create: faulty((good) => ({
      async replace(expected, token) {
        if (expected !== null && (await good.read()) !== expected) return false;
        await good.write(token);
        return true;
      },
    })),
  },
  {
    fault: "compares, and lets others in before it writes",
    caughtBy: "lets one of several at once win, and says which (if it has replace)",
    create: faulty((good) => ({
      async replace(expected, token) {
        if ((await good.read()) !== expected) return false;
        await turn();
        await good.write(token);
        return true;
      },
    })),
  },
  {
    fault: "tells nobody that it replaced",
    caughtBy: "tells watchers that it replaced (if it has replace and watch)",
    create: () => {
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
];
