import type { TokenStorage } from "@x/auth-core";
import { type Broken, faulty, telling } from "./faults.ts";

export const watching: readonly Broken[] = [
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
