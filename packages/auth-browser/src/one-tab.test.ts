import { describe, expect, it, onTestFinished, vi } from "vitest";
import { issuedToken, ownPlace } from "../test/tokens.ts";
import { createBrowserAuth } from "./browser-auth.ts";
import { indexedDbTokenStorage } from "./indexed-db-storage.ts";
import { type OneTabOptions, oneTabAtATime } from "./one-tab.ts";

const stored = { refreshCache: async () => null };

/** What an address that is not secure, or an old browser, looks like. */
function withoutLocks(): void {
  Object.defineProperty(navigator, "locks", { value: undefined, configurable: true });
  onTestFinished(() => void Reflect.deleteProperty(navigator, "locks"));
}

function withoutIndexedDb(): void {
  const own = Object.getOwnPropertyDescriptor(globalThis, "indexedDB");
  if (own === undefined) throw new Error("there is no IndexedDB to begin with");
  Object.defineProperty(globalThis, "indexedDB", { value: undefined, configurable: true });
  onTestFinished(() => void Object.defineProperty(globalThis, "indexedDB", own));
}

/** Two that find no token and register at the same moment. */
async function registerTwice(database: string): Promise<{ issued: number; tokens: (string | null)[] }> {
  let issued = 0;
  const tokens = await Promise.all(
    [1, 2].map(() => {
      const auth = createBrowserAuth({ storage: indexedDbTokenStorage({ database }) });
      return oneTabAtATime(
        auth,
        async (token) => {
          if (token !== null) return token;
          issued += 1;
          await auth.saveToken(`${issuedToken}-${issued}`);
          return auth.getToken();
        },
        { name: database },
      );
    }),
  );
  return { issued, tokens };
}

/** Takes its turn and keeps it until told otherwise. */
async function hanging(options: OneTabOptions): Promise<{ end(): Promise<void> }> {
  let end = () => {};
  let turn = Promise.resolve();
  await new Promise<void>((begun) => {
    const work = () =>
      new Promise<void>((resolve) => {
        end = resolve;
        begun();
      });
    turn = oneTabAtATime(stored, work, options);
  });
  return {
    end() {
      end();
      return turn;
    },
  };
}

for (const [how, prepare] of [
  ["with Web Locks", () => {}],
  ["with a lease in IndexedDB, where Web Locks are missing", withoutLocks],
] as const) {
  describe(`oneTabAtATime ${how}`, () => {
    it("lets two that register at the same moment end with one token", async () => {
      prepare();
      expect(await registerTwice(ownPlace())).toEqual({
        issued: 1,
        tokens: [`${issuedToken}-1`, `${issuedToken}-1`],
      });
    });

    it("goes ahead when another one hangs, and still gives its turn back", async () => {
      prepare();
      const name = ownPlace();
      const other = await hanging({ name, waitMs: 100 });
      const order: string[] = [];
      await oneTabAtATime(stored, () => void order.push("went ahead"), { name, waitMs: 100 });
      await other.end();
      await oneTabAtATime(stored, () => void order.push("in its turn"), { name });
      expect(order).toEqual(["went ahead", "in its turn"]);
    });

    it("passes on what the work throws, and leaves the way free", async () => {
      prepare();
      const name = ownPlace();
      const fail = () => {
        throw new Error("the platform is down");
      };
      await expect(oneTabAtATime(stored, fail, { name })).rejects.toThrow("the platform is down");
      expect(await oneTabAtATime(stored, () => "free", { name, waitMs: 60_000 })).toBe("free");
    });

    it("does not make different names wait for each other", async () => {
      prepare();
      const inner = () => oneTabAtATime(stored, () => "inner", { name: ownPlace() });
      expect(await oneTabAtATime(stored, inner, { name: ownPlace() })).toBe("inner");
    });
  });
}

describe("oneTabAtATime", () => {
  it("respects a lease that is longer than its own", async () => {
    withoutLocks();
    const name = ownPlace();
    const order: string[] = [];
    const long = await hanging({ name, waitMs: 600_000 });
    const behind = oneTabAtATime(stored, () => order.push("behind it"), { name, waitMs: 60_000 });
    // Once another one has been through, the one behind has looked, too.
    await oneTabAtATime(stored, () => {}, { name: ownPlace() });
    order.push("the long one");
    await long.end();
    await behind;
    expect(order).toEqual(["the long one", "behind it"]);
  });

  it("does not wait for a lease from before the clock was set back", async () => {
    withoutLocks();
    const name = ownPlace();
    const old = await hanging({ name, waitMs: 600_000 });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 60_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await oneTabAtATime(stored, () => "at once", { name, waitMs: 600_000 })).toBe("at once");
    await old.end();
  });

  it("runs the work all the same where nothing can tell tabs apart", async () => {
    withoutLocks();
    withoutIndexedDb();
    expect(await oneTabAtATime(stored, (token) => token)).toBeNull();
  });

  it("runs the work all the same where the browser keeps locks from the page", async () => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const locks = frame.contentWindow?.navigator.locks;
    // The lock manager of a document that is gone refuses every request.
    frame.remove();
    Object.defineProperty(navigator, "locks", { value: locks, configurable: true });
    onTestFinished(() => void Reflect.deleteProperty(navigator, "locks"));
    expect(await oneTabAtATime(stored, () => "done")).toBe("done");
  });

  it("refuses a wait that is no time, by name", async () => {
    for (const waitMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 600_001]) {
      await expect(oneTabAtATime(stored, () => {}, { waitMs })).rejects.toThrow(/waitMs/);
    }
  });
});
