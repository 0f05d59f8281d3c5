import { memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { type Broken, type Faults, faulty, turn } from "./faults.ts";

/** A storage whose writes fail on demand, with this probe. */
function probing(probe: (good: TokenStorage) => TokenStorage["probe"]): Broken["create"] {
  return () => {
    const good = memoryTokenStorage();
    let failing = false;
    const write = (token: string) => {
      if (failing) throw new Error("full");
      return good.write(token);
    };
    const own = probe({ ...good, write });
    const storage: TokenStorage = {
      location: "memory",
      read: () => good.read(),
      write,
      ...(own && { probe: own }),
    };
    return {
      storage,
      failWrites() {
        failing = true;
      },
    };
  };
}

export const removing: Faults = {
  "removes the stored token (if it has remove)": {
    "removes nothing": faulty(() => ({ remove() {} })),
    "leaves an empty text after removing": faulty((good) => ({ remove: () => good.write("") })),
  },
  "is not noticed by other handles during a probe (if it has probe)": {
    "probes with the token itself": faulty((good) => ({
      async probe() {
        const stored = await good.read();
        await good.write("probe");
        await turn();
        if (stored === null) await good.remove?.();
        else await good.write(stored);
      },
    })),
    "writes the token that it read": faulty((good) => ({
      async probe() {
        const stored = await good.read();
        await turn();
        if (stored !== null) await good.write(stored);
      },
    })),
  },
  "resolves if there is nothing to remove (if it has remove)": {
    "fails when there is nothing to remove": faulty((good) => ({
      async remove() {
        if ((await good.read()) === null) throw new Error("nothing there");
        await good.remove?.();
      },
    })),
  },
  "changes nothing during a probe (if it has probe)": {
    "leaves the text of a probe": faulty((good) => ({ probe: () => good.write("probe") })),
    "removes the stored token after a probe": faulty((good) => ({
      async probe() {
        await good.write("probe");
        await good.remove?.();
      },
    })),
  },
  "rejects a probe if writes fail (if it has probe and the fixture has failWrites)": {
    "resolves every probe": probing(() => () => {}),
  },
};
