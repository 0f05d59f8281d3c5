import type { TokenStorage } from "@x/auth-core";
import { type Broken, faulty, telling } from "./faults.ts";

export const watching: readonly Broken[] = [
  {
    fault: "never notifies",
    caughtBy: "notifies of the first token that another handle writes (if it has watch)",
    create: telling((_listeners, put) => put()),
  },
  {
    fault: "notifies only before the token can be read",
    caughtBy: "notifies of each token that another handle writes (if it has watch)",
    create: telling((listeners, put) => {
      for (const listener of listeners) listener();
      setImmediate(put);
    }),
  },
  {
    fault: "notifies only once",
    caughtBy: "notifies of each token that another handle writes (if it has watch)",
    create: telling((listeners, put) => {
      put();
      for (const listener of listeners.splice(0)) listener();
    }),
  },
  {
    fault: "does not notify the handle that wrote",
    caughtBy: "notifies of a token written through the watching handle itself (if it has watch)",
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
    fault: "notifies only the newest watcher",
    caughtBy: "notifies every watcher (if it has watch)",
    create: telling((listeners, put) => {
      put();
      listeners.at(-1)?.();
    }),
  },
  {
    fault: "keeps notifying after unsubscribing",
    caughtBy: "stops notifying a watcher after it unsubscribed, but not others (if it has watch)",
    create: telling(
      (listeners, put) => {
        put();
        for (const listener of listeners) listener();
      },
      () => {},
    ),
  },
  {
    fault: "unsubscribes all watchers with the first",
    caughtBy: "stops notifying a watcher after it unsubscribed, but not others (if it has watch)",
    create: telling(
      (listeners, put) => {
        put();
        for (const listener of [...listeners]) listener();
      },
      (listeners) => void listeners.splice(0),
    ),
  },
  {
    fault: "unsubscribes another watcher when called twice",
    caughtBy: "can be unsubscribed before any change, and twice (if it has watch)",
    create: telling(
      (listeners, put) => {
        put();
        for (const listener of [...listeners]) listener();
      },
      (listeners, mine) => void listeners.splice(listeners.indexOf(mine), 1),
    ),
  },
  {
    fault: "cannot be unsubscribed",
    caughtBy: "notifies every watcher (if it has watch)",
    create: faulty(() => ({ watch: () => undefined as unknown as () => void })),
  },
];
