import type { Auth, Awaitable } from "@x/auth-core";
import { lease } from "./lease.ts";
import { own } from "./own.ts";

/** Options of `oneTabAtATime`. */
export interface OneTabOptions {
  /** The lock's name, one per workspace. Default: `workspace-auth`. */
  readonly name?: string;
  /** How long to wait for the other tabs, in milliseconds, 1 to 600,000. Default: 10,000. */
  readonly waitMs?: number;
}

/**
 * Runs `work` in one tab (or worker) of this origin at a time, with the currently stored token: two tabs that find none
 * and register at the same time end with one token, because the second one sees the first one's.
 *
 * Uses Web Locks, or a lease in IndexedDB if they are missing (an insecure context, an old browser). Without either,
 * tabs run concurrently. If a tab hangs, the others wait at most `waitMs` and then proceed without it.
 *
 * @param work receives the stored token, or `null`; it may save another one before it settles
 * @returns what `work` returns
 * @throws RangeError for an invalid `waitMs`; what `work` throws
 * @example
 * const token = await oneTabAtATime(auth, async (stored) => {
 *   if (stored !== null) return stored;
 *   const received = await register();
 *   await auth.saveToken(received);
 *   return received;
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
    // Timed out waiting, or the browser denies locks to this page.
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
