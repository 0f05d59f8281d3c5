import { createBrowserAuth, indexedDbTokenStorage, webTokenStorage } from "@x/auth-browser";
import type { TokenStorage } from "@x/auth-core";
import { describeTokenStorage } from "@x/auth-testing";
import { assert } from "chai";
import { codeOf } from "../codes.ts";
import type { Suite } from "../harness.ts";
import { issued, tells } from "../tokens.ts";
import type { Setting, StorageName } from "../traits.ts";

let places = 0;

/** Each gives a way to open one place, used by nobody else, as often as wanted. */
const openers: Readonly<Record<StorageName, () => () => TokenStorage>> = {
  sessionStorage: () => {
    const key = ownName();
    return () => webTokenStorage({ storage: () => sessionStorage, key });
  },
  localStorage: () => {
    const key = ownName();
    return () => webTokenStorage({ storage: () => localStorage, key });
  },
  IndexedDB: () => {
    const database = ownName();
    return () => indexedDbTokenStorage({ database });
  },
};

function ownName(): string {
  places += 1;
  return `runtimes-${Date.now()}-${places}`;
}

/** The contract where a storage exists; a clean failure where it does not. */
export const storages = ({ traits }: Setting): Suite => {
  return (runner) => {
    for (const name of ["sessionStorage", "localStorage", "IndexedDB"] as const) {
      const place = openers[name];
      if (traits.storages.includes(name)) contract(name, place)(runner);
      else absence(name, place)(runner);
    }
  };
};

const contract = (name: string, place: () => () => TokenStorage): Suite => {
  return (runner) => {
    const create = () => {
      const open = place();
      return { storage: open(), reopen: open };
    };
    describeTokenStorage(name, create, runner);
    runner.it(`${name} brings a token back to another auth`, async () => {
      const open = place();
      await createBrowserAuth({ storage: open() }).saveToken(issued);
      assert.equal(await createBrowserAuth({ storage: open() }).getToken(), issued);
    });
  };
};

const absence = (name: string, place: () => () => TokenStorage): Suite => {
  return ({ describe, it }) => {
    describe(`${name}, which this runtime does not have`, () => {
      it("rejects reads and writes with an error that says so, and no token", async () => {
        const storage = place()();
        assert.equal(await codeOf(() => storage.read()), "STORAGE_READ_FAILED");
        assert.equal(await codeOf(() => storage.write(issued)), "STORAGE_WRITE_FAILED");
        const told = await Promise.resolve(storage.write(issued)).catch(String);
        assert.match(String(told), /there is no such storage here/);
        assert.isFalse(tells(String(told)));
      });

      it("leaves a token usable in memory, with an event", async () => {
        const events: string[] = [];
        const auth = createBrowserAuth({ storage: place()(), onEvent: ({ type }) => void events.push(type) });
        assert.equal(await codeOf(() => auth.saveToken(issued)), "STORAGE_WRITE_FAILED");
        assert.deepEqual(await auth.authHeaders(), { Authorization: `Bearer ${issued}` });
        assert.deepEqual(events, ["save-failed"]);
      });

      it("can be watched, and told to stop", () => {
        const stop = createBrowserAuth({ storage: place()() }).watch();
        stop();
      });
    });
  };
};
