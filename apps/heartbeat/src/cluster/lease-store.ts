import type { Runner } from "./membership.ts";

/** Who is a member, and who owns what, at one moment. */
export interface Ownerships {
  readonly runners: readonly Runner[];
  /** The owner of each shard; `null`: none. */
  readonly owners: readonly (string | null)[];
}

/** A shard that was just claimed. */
export interface ClaimedShard {
  readonly shard: number;
  /** Its last owner gave it back, with its workspaces alive, within the last ten seconds. */
  readonly isHandedOver: boolean;
}

/**
 * The rows of a fleet's runners and shards. Each operation is one statement, settles within a few seconds, and rejects with
 * an `AuthError` when the store cannot be reached.
 */
export interface LeaseStore {
  /** Adds this runner, without any shards. */
  join(runner: Omit<Runner, "renewals">): Promise<void>;
  /**
   * Renews the lease, and states the digest of the list.
   *
   * @returns false: the runner was evicted, and owns nothing any more
   */
  renew(id: string, listDigest: string): Promise<boolean>;
  list(): Promise<Ownerships>;
  /** Removes a runner whose counter still is what it was seen to be; its shards are free from then on. */
  evict(runner: Pick<Runner, "id" | "renewals">): Promise<boolean>;
  /** Takes at most so many of the free shards. */
  claim(id: string, count: number): Promise<readonly ClaimedShard[]>;
  /** Releases drained shards. `alive`: those whose workspaces the next owner can keep alive without registering. */
  release(id: string, shards: readonly number[], alive: readonly number[]): Promise<void>;
  /** Removes this runner. What it still owns is free, as after an eviction. */
  leave(id: string): Promise<void>;
  /** Calls `changed` when a runner joins or leaves, or shards become free. It may miss some. Returns unsubscribe. */
  watch(changed: () => void): () => void;
  close(): Promise<void>;
}
