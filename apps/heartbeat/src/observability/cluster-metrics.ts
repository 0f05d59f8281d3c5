import { Gauge, type Registry } from "prom-client";
import type { ClusterStatus } from "../cluster/cluster-events.ts";

/** Metrics of a runner in a cluster. */
export function addClusterMetrics(registry: Registry, status: () => ClusterStatus): void {
  const gauge = (name: string, help: string, value: (status: ClusterStatus) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value(status()));
      },
    });
  new Gauge({
    name: "heartbeat_shards",
    help: "This runner's shards by state, of 256 in all; unowned: shards that no runner owns.",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      const { shards, unowned } = status();
      for (const [state, count] of Object.entries({ ...shards, unowned })) this.set({ state }, count);
    },
  });
  gauge(
    "heartbeat_lease_seconds",
    "How long this runner's lease on its shards is still valid; 0: it has expired.",
    ({ leaseMs }) => leaseMs / 1_000,
  );
  gauge("heartbeat_store_up", "1 while the store can be reached, else 0.", ({ isStoreUp }) =>
    Number(isStoreUp),
  );
  gauge(
    "heartbeat_list_mismatch",
    "1 while another runner of the fleet has a different list of workspaces, else 0.",
    ({ hasListMismatch }) => Number(hasListMismatch),
  );
  gauge("heartbeat_runners", "Runners in the fleet, when the store last answered.", ({ runners }) => runners);
}
