import { type Awaitable, memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import type { StorageFixture } from "../src/index.ts";

/** A storage with one fault, and the promise that has to catch it. */
export interface Broken {
  readonly fault: string;
  readonly caughtBy: string;
  readonly create: () => Awaitable<StorageFixture>;
}

/** Lets others have a turn, as real I/O would. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The good one, shared by all handles, with parts of it replaced. */
function faulty(change: (good: TokenStorage) => Partial<TokenStorage>): () => StorageFixture {
  return () => {
    const good = memoryTokenStorage();
    const storage = { ...good, ...change(good) };
    return { storage, reopen: () => storage };
  };
}

/** One that can be made to fail; `reading` and `writing` say what it does then. */
function failable(broken: {
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

/** Writes that take `steps`, one turn after each other. */
function stepwise(steps: (token: string, old: string | null) => (string | null)[]): () => StorageFixture {
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

/** A watchable one whose notices go out as `tell` says. */
function telling(
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

const AS_DATA = "gives back text that looks like data as the same text";

export const brokenStorages: Broken[] = [
  {
    fault: "gives undefined where nothing is stored",
    caughtBy: "holds nothing at first",
    create: faulty((good) => ({
      read: async () => ((await good.read()) ?? undefined) as unknown as string | null,
    })),
  },
  {
    fault: "gives an empty text where nothing is stored",
    caughtBy: "holds nothing at first",
    create: faulty((good) => ({ read: async () => (await good.read()) ?? "" })),
  },
  {
    fault: "stores nothing",
    caughtBy: "gives back what was written",
    create: faulty(() => ({ write() {} })),
  },
  {
    fault: "settles before it has stored",
    caughtBy: "gives back what was written",
    create: faulty((good) => ({ write: (token) => void setImmediate(() => good.write(token)) })),
  },
  {
    fault: "coerces what looks like a value",
    caughtBy: AS_DATA,
    create: faulty((good) => ({
      async read() {
        const text = await good.read();
        try {
          return text === null ? null : JSON.parse(text);
        } catch {
          return text;
        }
      },
    })),
  },
  {
    fault: "strips quotes",
    caughtBy: AS_DATA,
    create: faulty((good) => ({ read: async () => (await good.read())?.replace(/^"|"$/g, "") ?? null })),
  },
  {
    fault: "trims inner blanks too",
    caughtBy: AS_DATA,
    create: faulty((good) => ({ read: async () => (await good.read())?.replace(/ +/g, " ") ?? null })),
  },
  {
    fault: "takes the word null for nothing",
    caughtBy: AS_DATA,
    create: faulty((good) => ({
      read: async () => ((await good.read()) === "null" ? null : good.read()),
    })),
  },
  {
    fault: "ends at a semicolon, like a cookie",
    caughtBy: "gives back every printable ASCII character",
    create: faulty((good) => ({ read: async () => (await good.read())?.split(";")[0] ?? null })),
  },
  {
    fault: "holds 4 KiB at most",
    caughtBy: "gives back one character, and the longest token there may be",
    create: faulty((good) => ({ write: (token) => good.write(token.slice(0, 4_096)) })),
  },
  {
    fault: "forgets what has been read",
    caughtBy: "gives the same at every read",
    create: () => {
      let stored: string | null = null;
      return {
        storage: {
          location: "memory",
          read() {
            const text = stored;
            stored = null;
            return text;
          },
          write(token) {
            stored = token;
          },
        },
      };
    },
  },
  {
    fault: "has a place of its own for each handle",
    caughtBy: "shows another handle what was written",
    create: () => ({ storage: memoryTokenStorage(), reopen: () => memoryTokenStorage() }),
  },
  {
    fault: "shows the token in its location",
    caughtBy: "says where the token is, and not which",
    create: () => {
      const good = memoryTokenStorage();
      return {
        storage: {
          get location() {
            return `memory (${good.read()})`;
          },
          read: () => good.read(),
          write: (token) => good.write(token),
        },
      };
    },
  },
  {
    fault: "has no location",
    caughtBy: "says where the token is, and not which",
    create: faulty(() => ({ location: " " })),
  },
  {
    fault: "leaves the tail of a longer token",
    caughtBy: "replaces a longer token by a shorter one",
    create: faulty((good) => ({
      async write(token) {
        await good.write(token + ((await good.read()) ?? "").slice(token.length));
      },
    })),
  },
  {
    fault: "leaves a shorter token's length",
    caughtBy: "replaces a shorter token by a longer one",
    create: faulty((good) => ({
      async write(token) {
        await good.write(token.slice(0, (await good.read())?.length ?? token.length));
      },
    })),
  },
  {
    fault: "appends",
    caughtBy: "takes the same token twice",
    create: faulty((good) => ({
      async write(token) {
        await good.write(((await good.read()) ?? "") + token);
      },
    })),
  },
  {
    fault: "keeps the old token",
    caughtBy: "replaces a longer token by a shorter one",
    create: faulty((good) => ({
      async write(token) {
        if ((await good.read()) === null) await good.write(token);
      },
    })),
  },
  {
    fault: "remembers in each handle what was once read",
    caughtBy: "keeps what was written last, whichever handle wrote it",
    create: () => {
      const good = memoryTokenStorage();
      const open = (): TokenStorage => {
        let known: string | null = null;
        return {
          location: "memory",
          async read() {
            known ??= await good.read();
            return known;
          },
          async write(token) {
            await good.write(token);
            known = token;
          },
        };
      };
      return { storage: open(), reopen: open };
    },
  },
  {
    fault: "mixes writes that come at the same time",
    caughtBy: "ends writes at the same time as one of them, whole",
    create: () => {
      let stored: string | null = null;
      return {
        storage: {
          location: "memory",
          read: () => stored,
          async write(token) {
            stored = null;
            for (const part of token.match(/.{1,4000}/g) ?? []) {
              await turn();
              stored = (stored ?? "") + part;
            }
          },
        },
      };
    },
  },
  {
    fault: "shows half of a token while it is written",
    caughtBy: "never shows a part of a token, nor nothing, while it is replaced",
    create: stepwise((token) => [token.slice(0, token.length / 2)]),
  },
  {
    fault: "removes the old token before it stores the new one",
    caughtBy: "never shows a part of a token, nor nothing, while it is replaced",
    create: stepwise(() => [null]),
  },
  {
    fault: "overwrites from the left",
    caughtBy: "never shows a part of a token, nor nothing, while it is replaced",
    create: stepwise((token, old) => (old === null ? [] : [token.slice(0, 10) + old.slice(10)])),
  },
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
  {
    fault: "never tells",
    caughtBy: "tells of the first token that another handle writes (if it has watch)",
    create: telling((_listeners, put) => put()),
  },
  {
    fault: "tells before the token can be read, and not after",
    caughtBy: "tells of each token that another handle writes (if it has watch)",
    create: telling((listeners, put) => {
      for (const listener of listeners) listener();
      setImmediate(put);
    }),
  },
  {
    fault: "tells only once",
    caughtBy: "tells of each token that another handle writes (if it has watch)",
    create: telling((listeners, put) => {
      put();
      for (const listener of listeners.splice(0)) listener();
    }),
  },
  {
    fault: "does not tell the handle that wrote",
    caughtBy: "tells of a token written through the watching handle itself (if it has watch)",
    create: () => {
      let stored: string | null = null;
      const listeners = new Map<TokenStorage, () => void>();
      const open = (): TokenStorage => {
        const handle: TokenStorage = {
          location: "memory",
          read: () => stored,
          write(token) {
            stored = token;
            for (const [watching, listener] of listeners) if (watching !== handle) listener();
          },
          watch(changed) {
            listeners.set(handle, changed);
            return () => void listeners.delete(handle);
          },
        };
        return handle;
      };
      return { storage: open(), reopen: open };
    },
  },
  {
    fault: "tells the newest watcher only",
    caughtBy: "tells every watcher (if it has watch)",
    create: telling((listeners, put) => {
      put();
      listeners.at(-1)?.();
    }),
  },
  {
    fault: "tells on after stop",
    caughtBy: "tells a watcher nothing after it stopped, and others still (if it has watch)",
    create: telling(
      (listeners, put) => {
        put();
        for (const listener of listeners) listener();
      },
      () => {},
    ),
  },
  {
    fault: "stops all watchers with the first",
    caughtBy: "tells a watcher nothing after it stopped, and others still (if it has watch)",
    create: telling(
      (listeners, put) => {
        put();
        for (const listener of [...listeners]) listener();
      },
      (listeners) => void listeners.splice(0),
    ),
  },
  {
    fault: "stops another watcher when stopped twice",
    caughtBy: "can be stopped before anything happened, and twice (if it has watch)",
    create: telling(
      (listeners, put) => {
        put();
        for (const listener of [...listeners]) listener();
      },
      (listeners, mine) => void listeners.splice(listeners.indexOf(mine), 1),
    ),
  },
  {
    fault: "cannot be stopped",
    caughtBy: "tells every watcher (if it has watch)",
    create: faulty(() => ({ watch: () => undefined as unknown as () => void })),
  },
];
