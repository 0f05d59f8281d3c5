import { createBrowserAuth, indexedDbTokenStorage, webTokenStorage } from "@x/auth-browser";
import type { TokenStorage } from "@x/auth-core";
import { describeTokenStorage } from "@x/auth-testing";
import { assert } from "chai";
import { codeOf } from "../codes.ts";
import type { Suite } from "../harness.ts";
import { holdsToken, issued } from "../tokens.ts";
import type { Setting, StorageName } from "../traits.ts";

let opened = 0;

/** For each storage, a function that opens an unshared instance; it can be called repeatedly. */
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
  opened += 1;
  return `runtimes-${Date.now()}-${opened}`;
}

/** The contract suite if the storage exists; a clean failure if it does not. */
export const storages = ({ traits }: Setting): Suite => {
  return (runner) => {
    for (const name of ["sessionStorage", "localStorage", "IndexedDB"] as const) {
      const opener = openers[name];
      if (traits.storages.includes(name)) contract(name, opener)(runner);
      else absence(name, opener)(runner);
    }
  };
};

const contract = (name: string, opener: () => () => TokenStorage): Suite => {
  return (runner) => {
    const create = () => {
      const open = opener();
      return { storage: open(), reopen: open };
    };
    describeTokenStorage(name, create, runner);
    runner.it(`${name} returns its token to a second Auth`, async () => {
      const open = opener();
      await createBrowserAuth({ storage: open() }).saveToken(issued);
      assert.equal(await createBrowserAuth({ storage: open() }).getToken(), issued);
    });
  };
};

const absence = (name: string, opener: () => () => TokenStorage): Suite => {
  return ({ describe, it }) => {
    describe(`${name}, which this runtime lacks`, () => {
      it("rejects reads and writes with an error that says so, without the token", async () => {
        const storage = opener()();
        assert.equal(await codeOf(() => storage.read()), "STORAGE_READ_FAILED");
        assert.equal(await codeOf(() => storage.write(issued)), "STORAGE_WRITE_FAILED");
        const reported = await Promise.resolve(storage.write(issued)).catch(String);
        assert.match(String(reported), /there is no such storage here/);
        assert.isFalse(holdsToken(String(reported)));
      });

      it("keeps the token usable in memory, and emits an event", async () => {
        const events: string[] = [];
        const auth = createBrowserAuth({
          storage: opener()(),
          onEvent: ({ type }) => void events.push(type),
        });
        assert.equal(await codeOf(() => auth.saveToken(issued)), "STORAGE_WRITE_FAILED");
        assert.deepEqual(await auth.authHeaders(), { Authorization: `Bearer ${issued}` });
        assert.deepEqual(events, ["save-failed"]);
      });

      it("can be watched and unwatched", () => {
        const stop = createBrowserAuth({ storage: opener()() }).watch();
        stop();
      });
    });
  };
};
