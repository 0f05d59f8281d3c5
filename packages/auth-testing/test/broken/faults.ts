import { type Awaitable, memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import type { StorageFixture } from "../../src/index.ts";

/** A storage with one fault, and the test that must detect it. */
export interface Broken {
  readonly fault: string;
  readonly caughtBy: string;
  readonly create: () => Awaitable<StorageFixture>;
}

/** Faults by the test that must detect them. */
export type Faults = Readonly<Record<string, Readonly<Record<string, Broken["create"]>>>>;

/** Yields to other work, as real I/O does. */
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A correct storage, shared by all handles, with some methods replaced. */
export function faulty(change: (good: TokenStorage) => Partial<TokenStorage>): () => StorageFixture {
  return () => {
    const good = memoryTokenStorage();
    const storage = { ...good, ...change(good) };
    return { storage, reopen: () => storage };
  };
}

/** A storage that can be made to fail; `reading` and `writing` define what it does then. */
export function failable(broken: {
  reading?: (stored: string | null) => string | null;
  writing?: (token: string, good: TokenStorage) => Awaitable<void>;
}): () => StorageFixture {
  return () => {
    const good = memoryTokenStorage();
    let [readsFail, writesFail] = [false, false];
    const storage: TokenStorage = {
      location: "memory",
      async read() {
        const stored = await good.read();
        return readsFail && broken.reading ? broken.reading(stored) : stored;
      },
      write: (token) => (writesFail && broken.writing ? broken.writing(token, good) : good.write(token)),
    };
    const failReads = () => {
      readsFail = true;
    };
    const failWrites = () => {
      writesFail = true;
    };
    return { storage, ...(broken.reading && { failReads }), ...(broken.writing && { failWrites }) };
  };
}

/** Writes that take `steps`, one event loop turn each. */
export function stepwise(
  steps: (token: string, old: string | null) => (string | null)[],
): () => StorageFixture {
  return () => {
    let stored: string | null = null;
    const storage: TokenStorage = {
      location: "memory",
      read: () => stored,
      async write(token) {
        for (const state of [...steps(token, stored), token]) {
          await turn();
          stored = state;
        }
      },
    };
    return { storage };
  };
}

/** A watchable storage that notifies as the callback decides. */
export function telling(
  tell: (listeners: (() => void)[], put: () => void) => void,
  stop: (listeners: (() => void)[], mine: () => void) => void = (listeners, mine) => {
    if (listeners.includes(mine)) listeners.splice(listeners.indexOf(mine), 1);
  },
): () => StorageFixture {
  return () => {
    let stored: string | null = null;
    const listeners: (() => void)[] = [];
    const storage: TokenStorage = {
      location: "memory",
      read: () => stored,
      write(token) {
        tell(listeners, () => {
          stored = token;
        });
      },
      watch(changed) {
        const mine = () => changed();
        listeners.push(mine);
        return () => stop(listeners, mine);
      },
    };
    return { storage };
  };
}
