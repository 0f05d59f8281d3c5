import { memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { type Broken, faulty, turn } from "./faults.ts";

export const exchanging: readonly Broken[] = [
  {
    fault: "never replaces",
    caughtBy: "replaces the expected token (if it has replace)",
    create: faulty(() => ({ replace: () => false })),
  },
  {
    fault: "reports a replacement without making it",
    caughtBy: "replaces the expected token (if it has replace)",
    create: faulty(() => ({ replace: () => true })),
  },
  {
    fault: "replaces any stored token",
    caughtBy: "leaves any other token unchanged (if it has replace)",
    create: faulty((good) => ({
      async replace(_expected, token) {
        await good.write(token);
        return true;
      },
    })),
  },
  {
    fault: "replaces before comparing",
    caughtBy: "leaves any other token unchanged (if it has replace)",
    create: faulty((good) => ({
      async replace(expected, token) {
        const stored = await good.read();
        await good.write(token);
        return stored === expected;
      },
    })),
  },
  {
    fault: "compares only a prefix",
    caughtBy: "leaves any other token unchanged (if it has replace)",
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
    fault: "treats null as any token",
    caughtBy: "does not replace null if a token is stored (if it has replace)",
    create: faulty((good) => ({
      async replace(expected, token) {
        if (expected !== null && (await good.read()) !== expected) return false;
        await good.write(token);
        return true;
      },
    })),
  },
  {
    fault: "lets other writers in between comparing and writing",
    caughtBy: "lets one of several concurrent calls win, and reports which (if it has replace)",
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
    fault: "does not notify of a replacement",
    caughtBy: "notifies watchers of a replacement (if it has replace and watch)",
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
