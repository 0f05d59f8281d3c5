import { isRowHeld, type LeaseStore } from "./lease-store.ts";
import type { Runner } from "./membership.ts";

/** Another session may hold a row for hours; the other rows must not wait for it. Returns that error, if any. */
export async function unlessHeld(work: Promise<void>): Promise<unknown[]> {
  try {
    await work;
    return [];
  } catch (error) {
    if (isRowHeld(error)) return [error];
    throw error;
  }
}

interface EvictOptions {
  readonly store: Pick<LeaseStore, "evict">;
  readonly onEvicted: (runner: Runner) => void;
}

/** Evicts dead runners. Returns the ids of those that stay because another session holds a row, with the error. */
export async function evictAll(
  dead: readonly Runner[],
  { store, onEvicted }: EvictOptions,
): Promise<ReadonlyMap<string, unknown>> {
  const notEvicted = new Map<string, unknown>();
  for (const runner of dead) {
    const evicting = store.evict(runner).then((isEvicted) => {
      if (isEvicted) onEvicted(runner);
    });
    for (const error of await unlessHeld(evicting)) notEvicted.set(runner.id, error);
  }
  return notEvicted;
}
