import type { Clock } from "../clock.ts";
import type { ClusterEvent } from "./cluster-events.ts";
import type { ClaimedShard, LeaseStore } from "./lease-store.ts";
import type { LeaseTiming } from "./lease-timing.ts";

export interface OwnershipOptions {
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly random: () => number;
  /** Identifies this process. @default 9 random bytes */
  readonly runner?: string;
  /** Display name. */
  readonly name: string;
  /** Digest of the current list of workspaces. */
  readonly listDigest: () => string;
  /** This runner owns these shards from now on. */
  readonly onGained: (shards: readonly ClaimedShard[]) => void;
  /** Whether another runner can keep the shard's workspaces alive without registering them. */
  readonly isAlive: (shard: number) => boolean;
  /** Settles once nothing is in flight for these shards. Never rejects. */
  readonly onDrain: (shards: readonly number[]) => Promise<void>;
  /** This runner no longer owns these shards. */
  readonly onLost: (shards: readonly number[]) => void;
  readonly onEvent?: (event: ClusterEvent) => void;
  /** @default LEASE_TIMING */
  readonly timing?: LeaseTiming;
}
