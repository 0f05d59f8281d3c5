import { update } from "idb-keyval";
import { openStore } from "./indexed-db.ts";

interface Lease {
  readonly owner: string;
  /** In milliseconds since the epoch: all tabs of a browser share a clock. */
  readonly from: number;
  readonly until: number;
}

const POLL_MS = 50;

/**
 * Takes a lease of `forMs` on a name, in IndexedDB, whose transactions exclude each other across tabs. Waits until
 * another tab's lease expires or is released, at most `forMs`, because no lease lasts longer.
 *
 * @returns a function that releases it
 */
export async function lease(name: string, forMs: number): Promise<() => Promise<void>> {
  const owner = `${Date.now()} ${Math.random()}`;
  const store = openStore("workspace-auth-turns", { limitMs: forMs });
  const deadline = Date.now() + forMs;

  async function take(): Promise<boolean> {
    let taken = false;
    await update<Lease | null>(
      name,
      (held = null) => {
        const now = Date.now();
        // A lease that starts in the future was taken before the clock was set back.
        const live = held !== null && held.from <= now && now < held.until;
        taken = !live;
        return live ? held : { owner, from: now, until: now + forMs };
      },
      store,
    );
    return taken;
  }

  while (!(await take()) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return () => update<Lease | null>(name, (held = null) => (held?.owner === owner ? null : held), store);
}
