import type { TokenStorage } from "@x/auth-core";
import { type Faults, faulty, telling } from "./faults.ts";

export const watching: Faults = {
  "notifies of the first token that another handle writes (if it has watch)": {
    "never notifies": telling((_listeners, put) => put()),
  },
  "notifies of each token that another handle writes (if it has watch)": {
    "notifies only before the token can be read": telling((listeners, put) => {
      for (const listener of listeners) listener();
      setImmediate(put);
    }),
    "notifies only once": telling((listeners, put) => {
      put();
      for (const listener of listeners.splice(0)) listener();
    }),
  },
  "notifies of a token written through the watching handle itself (if it has watch)": {
    "does not notify the handle that wrote": () => {
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
  "notifies every watcher (if it has watch)": {
    "notifies only the newest watcher": telling((listeners, put) => {
      put();
      listeners.at(-1)?.();
    }),
    "cannot be unsubscribed": faulty(() => ({ watch: () => undefined as unknown as () => void })),
  },
  "stops notifying a watcher after it unsubscribed, but not others (if it has watch)": {
    "keeps notifying after unsubscribing": telling(
      (listeners, put) => {
        put();
        for (const listener of listeners) listener();
      },
      () => {},
    ),
    "unsubscribes all watchers with the first": telling(
      (listeners, put) => {
        put();
        for (const listener of [...listeners]) listener();
      },
      (listeners) => void listeners.splice(0),
    ),
  },
  "can be unsubscribed before any change, and twice (if it has watch)": {
    "unsubscribes another watcher when called twice": telling(
      (listeners, put) => {
        put();
        for (const listener of [...listeners]) listener();
      },
      (listeners, mine) => void listeners.splice(listeners.indexOf(mine), 1),
    ),
  },
};
