import type { Auth, Awaitable } from "@x/auth-core";
import { lease } from "./lease.ts";
import { own } from "./own.ts";

/** What the tabs take turns at, and how long they wait. */
export interface OneTabOptions {
  /** What the tabs take turns at: one name for each workspace. Default: `workspace-auth`. */
  readonly name?: string;
  /** How long to wait for the other tabs, in milliseconds, 1 to 600,000. Default: 10,000. */
  readonly waitMs?: number;
}

/**
 * Runs `work` in one tab (or worker) of this origin at a time, with the token as it is stored by then: two tabs that
 * find none and register at the same moment end with one token, because the second one sees the first one's.
 *
 * Uses Web Locks; where they are missing (an address that is not secure, an old browser) a lease in IndexedDB; where
 * that is missing, too, the tabs run at the same time. A tab that hangs keeps the others waiting for `waitMs`, and
 * not longer: then they go ahead without it.
 *
 * @param work gets the stored token, or `null`; it may save another one before it settles
 * @returns what `work` returns
 * @throws RangeError for a bad `waitMs`; whatever `work` throws
 * @example
 * const token = await oneTabAtATime(auth, async (stored) => {
 *   if (stored !== null) return stored;
 *   const issued = await register();
 *   await auth.saveToken(issued);
 *   return issued;
 * });
 */
export async function oneTabAtATime<T>(
  auth: Pick<Auth, "refreshCache">,
  work: (token: string | null) => Awaitable<T>,
  options: OneTabOptions = {},
): Promise<T> {
  const { name = "workspace-auth", waitMs = 10_000 } = own(options);
  if (!(waitMs >= 1 && waitMs <= 600_000)) throw new RangeError("waitMs must be 1 to 600,000 milliseconds.");
  const turn = async () => work(await auth.refreshCache());
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  return locks === undefined ? withLease(name, waitMs, turn) : withLock(locks, name, waitMs, turn);
}

async function withLock<T>(
  locks: LockManager,
  name: string,
  waitMs: number,
  turn: () => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), waitMs);
  let begun = false;
  try {
    return await locks.request(name, { signal: limit.signal }, () => {
      begun = true;
      clearTimeout(timer);
      return turn();
    });
  } catch (failure) {
    if (begun) throw failure;
    // The others take too long, or the browser keeps locks from this page.
    return turn();
  } finally {
    clearTimeout(timer);
  }
}

async function withLease<T>(name: string, waitMs: number, turn: () => Promise<T>): Promise<T> {
  // IndexedDB may be missing or blocked as well.
  const giveBack = await lease(name, waitMs).catch(() => null);
  try {
    return await turn();
  } finally {
    await giveBack?.().catch(() => {});
  }
}
