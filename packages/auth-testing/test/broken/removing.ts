import { memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { type Broken, faulty } from "./faults.ts";

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

export const removing: readonly Broken[] = [
  {
    fault: "removes nothing",
    caughtBy: "removes the stored token (if it has remove)",
    create: faulty(() => ({ remove() {} })),
  },
  {
    fault: "leaves an empty text after removing",
    caughtBy: "removes the stored token (if it has remove)",
    create: faulty((good) => ({ remove: () => good.write("") })),
  },
  {
    fault: "fails when there is nothing to remove",
    caughtBy: "resolves if there is nothing to remove (if it has remove)",
    create: faulty((good) => ({
      async remove() {
        if ((await good.read()) === null) throw new Error("nothing there");
        await good.remove?.();
      },
    })),
  },
  {
    fault: "leaves the text of a probe",
    caughtBy: "changes nothing during a probe (if it has probe)",
    create: faulty((good) => ({ probe: () => good.write("probe") })),
  },
  {
    fault: "removes the stored token after a probe",
    caughtBy: "changes nothing during a probe (if it has probe)",
    create: faulty((good) => ({
      async probe() {
        await good.write("probe");
        await good.remove?.();
      },
    })),
  },
  {
    fault: "resolves every probe",
    caughtBy: "rejects a probe if writes fail (if it has probe and the fixture has failWrites)",
    create: probing(() => () => {}),
  },
];
