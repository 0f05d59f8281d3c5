import type fc from "fast-check";
import type { TokenStorage } from "../../src/storage.ts";
import { fileToken } from "./tokens.ts";

export interface SlowStorage {
  readonly state: { stored: string | null; reads: number; writes: string[]; readable: boolean };
  readonly storage: TokenStorage;
  /** Every stored value, oldest first. */
  readonly history: (string | null)[];
  /** Another process writes, and watchers are notified. */
  change(token: string | null): void;
}

/**
 * A storage whose answers come when the scheduler decides, as stale as possible: each reads the state at the call.
 *
 * @param failures which writes fail, in order
 */
export function slowStorage(
  scheduler: fc.Scheduler,
  stored: string | null = fileToken,
  failures: boolean[] = [],
): SlowStorage {
  const state: SlowStorage["state"] = { stored, reads: 0, writes: [], readable: true };
  const history = [stored];
  const listeners = new Set<() => void>();
  const store = (token: string | null) => {
    state.stored = token;
    history.push(token);
  };
  return {
    state,
    history,
    storage: {
      location: "slow",
      read() {
        state.reads += 1;
        const answer = state.readable
          ? Promise.resolve(state.stored)
          : Promise.reject(new Error("unreadable"));
        return scheduler.schedule(answer, `read ${state.stored}`);
      },
      async write(token) {
        state.writes.push(token);
        await scheduler.schedule(Promise.resolve(), `write ${token}`);
        if (failures.shift()) throw new Error("disk full");
        store(token);
        await scheduler.schedule(Promise.resolve(), `flush ${token}`);
      },
      watch(changed) {
        listeners.add(changed);
        return () => void listeners.delete(changed);
      },
    },
    change(token) {
      store(token);
      for (const changed of listeners) changed();
    },
  };
}
