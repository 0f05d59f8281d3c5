import { describe, expect, it, onTestFinished, vi } from "vitest";
import { newToken, uniqueName } from "../test/tokens.ts";
import { createBrowserAuth } from "./browser-auth.ts";
import { indexedDbTokenStorage } from "./indexed-db-storage.ts";
import { type OneTabOptions, oneTabAtATime } from "./one-tab.ts";

const stored = { refreshCache: async () => null };

/** Simulates an insecure context or an old browser. */
function withoutLocks(): void {
  Object.defineProperty(navigator, "locks", { value: undefined, configurable: true });
  onTestFinished(() => void Reflect.deleteProperty(navigator, "locks"));
}

function withoutIndexedDb(): void {
  const own = Object.getOwnPropertyDescriptor(globalThis, "indexedDB");
  if (own === undefined) throw new Error("this test requires IndexedDB");
  Object.defineProperty(globalThis, "indexedDB", { value: undefined, configurable: true });
  onTestFinished(() => void Object.defineProperty(globalThis, "indexedDB", own));
}

/** Two calls that find no token and register concurrently. */
async function registerTwice(
  database: string,
): Promise<{ registrations: number; tokens: (string | null)[] }> {
  let registrations = 0;
  const tokens = await Promise.all(
    [1, 2].map(() => {
      const auth = createBrowserAuth({ storage: indexedDbTokenStorage({ database }) });
      return oneTabAtATime(
        auth,
        async (token) => {
          if (token !== null) return token;
          registrations += 1;
          await auth.saveToken(`${newToken}-${registrations}`);
          return auth.getToken();
        },
        { name: database },
      );
    }),
  );
  return { registrations, tokens };
}

/** Holds the lock until ended. */
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
    it("lets two concurrent registrations end up with one token", async () => {
      prepare();
      expect(await registerTwice(uniqueName())).toEqual({
        registrations: 1,
        tokens: [`${newToken}-1`, `${newToken}-1`],
      });
    });

    it("proceeds when another one hangs, and still releases its lock", async () => {
      prepare();
      const name = uniqueName();
      const other = await hanging({ name, waitMs: 100 });
      const order: string[] = [];
      await oneTabAtATime(stored, () => void order.push("went ahead"), { name, waitMs: 100 });
      await other.end();
      await oneTabAtATime(stored, () => void order.push("after the lock was released"), { name });
      expect(order).toEqual(["went ahead", "after the lock was released"]);
    });

    it("passes on the callback's errors, and releases the lock", async () => {
      prepare();
      const name = uniqueName();
      const fail = () => {
        throw new Error("the platform is down");
      };
      await expect(oneTabAtATime(stored, fail, { name })).rejects.toThrow("the platform is down");
      expect(await oneTabAtATime(stored, () => "free", { name, waitMs: 60_000 })).toBe("free");
    });

    it("does not block different names", async () => {
      prepare();
      const inner = () => oneTabAtATime(stored, () => "inner", { name: uniqueName() });
      expect(await oneTabAtATime(stored, inner, { name: uniqueName() })).toBe("inner");
    });
  });
}

describe("oneTabAtATime", () => {
  it("respects another, longer lease", async () => {
    withoutLocks();
    const name = uniqueName();
    const order: string[] = [];
    const long = await hanging({ name, waitMs: 600_000 });
    const behind = oneTabAtATime(stored, () => order.push("behind it"), { name, waitMs: 60_000 });
    // Once another caller has passed, the waiting one has checked the lease, too.
    await oneTabAtATime(stored, () => {}, { name: uniqueName() });
    order.push("the long one");
    await long.end();
    await behind;
    expect(order).toEqual(["the long one", "behind it"]);
  });

  it("does not wait for a lease from before the clock was set back", async () => {
    withoutLocks();
    const name = uniqueName();
    const old = await hanging({ name, waitMs: 600_000 });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 60_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await oneTabAtATime(stored, () => "at once", { name, waitMs: 600_000 })).toBe("at once");
    await old.end();
  });

  it("runs the callback even without a way to coordinate tabs", async () => {
    withoutLocks();
    withoutIndexedDb();
    expect(await oneTabAtATime(stored, (token) => token)).toBeNull();
  });

  it("runs the callback even if the browser denies locks", async () => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const locks = frame.contentWindow?.navigator.locks;
    // The lock manager of a removed document rejects every request.
    frame.remove();
    Object.defineProperty(navigator, "locks", { value: locks, configurable: true });
    onTestFinished(() => void Reflect.deleteProperty(navigator, "locks"));
    expect(await oneTabAtATime(stored, () => "done")).toBe("done");
  });

  it("rejects an invalid waitMs by name", async () => {
    for (const waitMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 600_001]) {
      await expect(oneTabAtATime(stored, () => {}, { waitMs })).rejects.toThrow(/waitMs/);
    }
  });
});
