import { type Broken, failable } from "./faults.ts";

export const failing: readonly Broken[] = [
  {
    fault: "reports an error as an empty storage",
    caughtBy: "rejects a failed read, and does not report an empty storage (if the fixture has failReads)",
    create: failable({ reading: () => null }),
  },
  {
    fault: "fails once and then reports an empty storage",
    caughtBy: "rejects every failed read, not only the first (if the fixture has failReads)",
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
    fault: "reveals the token when a read fails",
    caughtBy: "reveals no token when a read fails (if the fixture has failReads)",
    create: failable({
      reading(stored) {
        throw new Error("cannot be read", { cause: { text: stored } });
      },
    }),
  },
  {
    fault: "swallows a failed write",
    caughtBy: "rejects a failed write (if the fixture has failWrites)",
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
    fault: "reveals the token when a write fails",
    caughtBy: "reveals no token when a write fails (if the fixture has failWrites)",
    create: failable({
      writing(token) {
        throw new Error(`cannot write ${token}`);
      },
    }),
  },
];
