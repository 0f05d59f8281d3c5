/** Events of a runner in a cluster. Plain data, without secrets. */
export type ClusterEvent =
  | { readonly type: "joined" }
  /** Evicted: it paused or was cut off for too long, and other runners own its shards now. It joins again. */
  | { readonly type: "evicted" }
  | { readonly type: "runner-evicted"; readonly runner: string; readonly name: string }
  | { readonly type: "shards-gained"; readonly count: number; readonly handedOver: number }
  | { readonly type: "shards-released"; readonly count: number }
  /** The lease has expired: heartbeats continue, but nothing is registered. */
  | { readonly type: "lease-expired" }
  | { readonly type: "lease-renewed" }
  | { readonly type: "store-unreachable"; readonly message: string }
  | { readonly type: "store-reachable"; readonly afterMs: number }
  /**
   * Tokens that existed only on this machine. `kept`: the store holds a different one, which may be newer. `failed`: the
   * file or the row cannot be read or written now, and is retried.
   */
  | {
      readonly type: "tokens-caught-up";
      readonly stored: number;
      readonly kept: number;
      readonly failed: number;
    }
  /** The store had lost tokens in a failover; they are stored again. */
  | { readonly type: "tokens-restored"; readonly count: number }
  /** Two runners have different lists of workspaces. */
  | { readonly type: "list-mismatch"; readonly runners: readonly string[] }
  | { readonly type: "list-match" };

/** A runner's state in its cluster, for metrics and tables. */
export interface ClusterStatus {
  readonly runner: string;
  readonly membership: "outside" | "member" | "unsure" | "leaving";
  /** Remaining validity of the lease in milliseconds; 0 when it has expired. */
  readonly leaseMs: number;
  readonly isStoreUp: boolean;
  readonly hasListMismatch: boolean;
  /** This runner's shards, by state. */
  readonly shards: { readonly held: number; readonly unsure: number; readonly draining: number };
  /** Shards without an owner at the last query. */
  readonly unowned: number;
  /** Number of runners at the last query. */
  readonly runners: number;
}
