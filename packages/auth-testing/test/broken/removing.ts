import { memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { type Broken, faulty } from "./faults.ts";

/** One that cannot be written once it is told so, and whose probe does this. */
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
    caughtBy: "removes what is stored (if it has remove)",
    create: faulty(() => ({ remove() {} })),
  },
  {
    fault: "leaves an empty text where it removed",
    caughtBy: "removes what is stored (if it has remove)",
    create: faulty((good) => ({ remove: () => good.write("") })),
  },
  {
    fault: "takes nothing to remove for an error",
    caughtBy: "has nothing to say when there is nothing to remove (if it has remove)",
    create: faulty((good) => ({
      async remove() {
        if ((await good.read()) === null) throw new Error("nothing there");
        await good.remove?.();
      },
    })),
  },
  {
    fault: "leaves what it probed with",
    caughtBy: "changes nothing by a probe (if it has probe)",
    create: faulty((good) => ({ probe: () => good.write("probe") })),
  },
  {
    fault: "removes what it probed with, and what was there",
    caughtBy: "changes nothing by a probe (if it has probe)",
    create: faulty((good) => ({
      async probe() {
        await good.write("probe");
        await good.remove?.();
      },
    })),
  },
  {
    fault: "probes nothing",
    caughtBy: "rejects a probe when nothing can be written (if it has probe and the fixture has failWrites)",
    create: probing(() => () => {}),
  },
];
