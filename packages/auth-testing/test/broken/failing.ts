import { type Broken, failable } from "./faults.ts";

export const failing: readonly Broken[] = [
  {
    fault: "takes an error for nothing stored",
    caughtBy:
      "rejects a read that fails, and does not take it for nothing stored (if the fixture has failReads)",
    create: failable({ reading: () => null }),
  },
  {
    fault: "fails once and then takes it for nothing stored",
    caughtBy: "rejects every read that fails, not only the first (if the fixture has failReads)",
    create: () => {
      let failed = false;
      return failable({
        reading() {
          if (failed) return null;
          failed = true;
          throw new Error("cannot be read");
        },
      })();
    },
  },
  {
    fault: "tells the token when it cannot be read",
    caughtBy: "names no token when a read fails (if the fixture has failReads)",
    create: failable({
      reading(stored) {
        throw new Error("cannot be read", { cause: { text: stored } });
      },
    }),
  },
  {
    fault: "swallows the failure of a write",
    caughtBy: "rejects a write that fails (if the fixture has failWrites)",
    create: failable({ writing() {} }),
  },
  {
    fault: "loses the old token when a write fails",
    caughtBy: "keeps the old token when a write fails (if the fixture has failWrites)",
    create: failable({
      async writing(_token, good) {
        await good.write("");
        throw new Error("full");
      },
    }),
  },
  {
    fault: "tells the token when it cannot be written",
    caughtBy: "names no token when a write fails (if the fixture has failWrites)",
    create: failable({
      writing(token) {
        throw new Error(`cannot write ${token}`);
      },
    }),
  },
];
