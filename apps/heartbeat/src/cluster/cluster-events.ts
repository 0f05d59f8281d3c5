/** What happens to a runner of a cluster. Plain data, without secrets. */
export type ClusterEvent =
  | { readonly type: "joined" }
  /** Others have its shards now: it stood still, or was cut off, for too long. It joins again. */
  | { readonly type: "evicted" }
  | { readonly type: "runner-evicted"; readonly runner: string; readonly name: string }
  | { readonly type: "shards-gained"; readonly count: number; readonly handedOver: number }
  | { readonly type: "shards-released"; readonly count: number }
  /** The lease has run out: heartbeats continue, nothing is registered. */
  | { readonly type: "lease-expired" }
  | { readonly type: "lease-renewed" }
  | { readonly type: "store-unreachable"; readonly message: string }
  | { readonly type: "store-reachable"; readonly afterMs: number }
  /** Tokens that only this machine had. `kept`: the store holds another one, which may be newer. */
  | {
      readonly type: "tokens-caught-up";
      readonly stored: number;
      readonly kept: number;
      /** The store had lost these, by a failover. */
      readonly restored: number;
    }
  /** The lists of workspaces of two runners differ. */
  | { readonly type: "list-mismatch"; readonly runners: readonly string[] }
  | { readonly type: "list-match" };

/** How a runner is doing in its cluster, for metrics and tables. */
export interface ClusterStatus {
  readonly runner: string;
  readonly membership: "outside" | "member" | "unsure" | "leaving";
  /** How long the lease is still valid, in milliseconds; 0: it is not. */
  readonly leaseMs: number;
  readonly isStoreUp: boolean;
  readonly hasListMismatch: boolean;
  /** Shards of this runner, by state. */
  readonly shards: { readonly held: number; readonly unsure: number; readonly draining: number };
  /** Shards that no runner had when the store was last asked. */
  readonly unowned: number;
  /** How many runners there were then. */
  readonly runners: number;
}
