import type { Clock } from "../clock.ts";
import { Cluster } from "../cluster/cluster.ts";
import { PostgresLeases } from "../cluster/postgres-leases.ts";
import type { Config } from "../config/config.ts";
import type { StoreConfig } from "../config/store-flags.ts";
import { clusterMessage } from "../observability/cluster-messages.ts";
import type { Display } from "../observability/display.ts";

interface OpenClusterOptions {
  readonly display: Display;
  readonly clock: Clock;
  readonly timing: Config["timing"];
}

/** Connects when it runs. */
export function openCluster(
  { url, fleet, runnerName }: StoreConfig,
  { display: { log, runner }, clock, timing }: OpenClusterOptions,
): Cluster {
  return new Cluster({
    leases: new PostgresLeases({ url, fleet, location: `the store of the fleet ${fleet}` }),
    clock,
    random: Math.random,
    name: runnerName,
    ...(runner !== null && { runner }),
    requestTimeoutMs: timing.timeoutMs,
    onEvent(event) {
      const { level, code, text } = clusterMessage(event);
      log[level]({ code }, text);
    },
  });
}
