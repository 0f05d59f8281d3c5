import { memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import type { StorageFixture } from "../../src/index.ts";
import { type Faults, failable } from "./faults.ts";

/** What a storage does instead of rejecting once writes fail. */
const writingFails = (instead: Partial<TokenStorage>) => (): StorageFixture => {
  const storage = memoryTokenStorage();
  const write = () => {
    throw new Error("full");
  };
  return { storage, failWrites: () => void Object.assign(storage, { write, ...instead }) };
};

export const failing: Faults = {
  "rejects a failed read, and does not report an empty storage (if the fixture has failReads)": {
    "reports an error as an empty storage": failable({ reading: () => null }),
  },
  "rejects every failed read, not only the first (if the fixture has failReads)": {
    "fails once and then reports an empty storage": () => {
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
  "reveals no token when a read fails (if the fixture has failReads)": {
    "reveals the token when a read fails": failable({
      reading(stored) {
        throw new Error("cannot be read", { cause: { text: stored } });
      },
    }),
  },
  "rejects a failed write (if the fixture has failWrites)": {
    "swallows a failed write": failable({ writing() {} }),
  },
  "keeps the old token when a write fails (if the fixture has failWrites)": {
    "loses the old token when a write fails": failable({
      async writing(_token, good) {
        await good.write("");
        throw new Error("full");
      },
    }),
  },
  "says what happened to a replacement and a removal while writes fail (if the fixture has failWrites)": {
    "reports a failed replacement as another token": writingFails({ replace: () => false }),
    "reports a replacement that failed": writingFails({ replace: () => true }),
    "reports a removal that failed": writingFails({ remove() {} }),
  },
  "reveals no token when a write fails (if the fixture has failWrites)": {
    "reveals the token when a write fails": failable({
      writing(token) {
        throw new Error(`cannot write ${token}`);
      },
    }),
  },
};
