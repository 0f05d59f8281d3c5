import type { Runner } from "./membership.ts";

/** A snapshot of the fleet's runners and the owners of its shards. */
export interface Ownerships {
  readonly runners: readonly Runner[];
  /** The owner of each shard; `null` when it has none. */
  readonly owners: readonly (string | null)[];
}

/** Whether an operation failed because of a row that another session holds: the store works. */
export const isRowHeld = (error: unknown): boolean => Object(error).sqlState === "55P03";

/** A shard that was just claimed. */
export interface ClaimedShard {
  readonly shard: number;
  /** Its last owner released it within the last ten seconds, with its workspaces alive. */
  readonly isHandedOver: boolean;
}

/**
 * The rows of a fleet's runners and shards. Each operation is one statement, settles within a few seconds, and rejects
 * with an `AuthError` when the store cannot be reached, and when another session holds a row: see `isRowHeld`.
 */
export interface LeaseStore {
  /** Adds this runner, without any shards. */
  join(runner: Omit<Runner, "renewals">): Promise<void>;
  /**
   * Renews the lease and publishes the digest of the list.
   *
   * @returns false when the runner was evicted and owns nothing
   */
  renew(id: string, listDigest: string): Promise<boolean>;
  list(): Promise<Ownerships>;
  /**
   * Removes a runner if its counter still has the given value; its shards are then free. While another session holds
   * some of them, or the runner's own row, it stays, and the others are free.
   */
  evict(runner: Pick<Runner, "id" | "renewals">): Promise<boolean>;
  /** Claims at most this many of the free shards. */
  claim(id: string, count: number): Promise<readonly ClaimedShard[]>;
  /**
   * Releases drained shards, except those that another session holds. `alive`: those whose workspaces the next owner can
   * keep alive without registering.
   */
  release(id: string, shards: readonly number[], alive: readonly number[]): Promise<void>;
  /** Removes this runner. Shards that it still owns become free, as after an eviction. */
  leave(id: string): Promise<void>;
  /** Calls `changed` when a runner joins or leaves, or shards become free. May miss some. Returns unsubscribe. */
  watch(changed: () => void): () => void;
  close(): Promise<void>;
}
