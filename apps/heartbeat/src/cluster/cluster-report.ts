import type { StoreConfig } from "../config/store-flags.ts";
import type { Cluster } from "./cluster.ts";
import type { ClusterStatus } from "./cluster-events.ts";

/** A workspace of the shared list that this runner does not own. */
export interface ElsewhereReport {
  readonly id: string;
  readonly platform_url: string;
  /** The runner that owns it, for people; `null`: none does. */
  readonly owner: string | null;
}

/** A runner and its fleet, as `heartbeat status` shows them. */
export interface ClusterReport {
  readonly store: string;
  readonly store_up: boolean;
  /** The file with the keys that open the store, as read when the runner started. */
  readonly key_file: string;
  readonly fleet: string;
  readonly runner: string;
  /** For people. */
  readonly name: string;
  readonly membership: ClusterStatus["membership"];
  readonly lease_seconds: number;
  /** Names of all runners, when the store was last asked. */
  readonly runners: readonly string[];
  readonly list_mismatch: boolean;
  readonly shards: ClusterStatus["shards"] & { readonly unowned: number };
  readonly elsewhere: readonly ElsewhereReport[];
}

export function clusterReport(
  cluster: Pick<Cluster, "status" | "runners" | "elsewhere">,
  {
    location,
    store: { keyFile, fleet, runnerName },
  }: { readonly location: string; readonly store: StoreConfig },
): ClusterReport {
  const { runner, membership, leaseMs, isStoreUp, hasListMismatch, shards, unowned } = cluster.status();
  return {
    store: location,
    store_up: isStoreUp,
    key_file: keyFile,
    fleet,
    runner,
    name: runnerName,
    membership,
    lease_seconds: Math.round(leaseMs / 100) / 10,
    runners: cluster.runners(),
    list_mismatch: hasListMismatch,
    shards: { ...shards, unowned },
    elsewhere: cluster
      .elsewhere()
      .map(({ workspace: { id, platformUrl }, owner }) => ({ id, platform_url: platformUrl, owner })),
  };
}
