import { Gauge, type Registry } from "prom-client";
import type { ReloadState } from "./reload-state.ts";

/** Named after Prometheus's own metrics. */
export function addReloadMetrics(registry: Registry, reloads: ReloadState): void {
  const registers = [registry];
  new Gauge({
    name: "heartbeat_config_last_reload_successful",
    help: "1 if the configuration was valid when last read, else 0: the previous one stays in effect.",
    registers,
    collect() {
      this.set(Number(reloads.isLastApplied));
    },
  });
  new Gauge({
    name: "heartbeat_config_last_reload_success_timestamp_seconds",
    help: "When a configuration was last applied, in seconds since 1970.",
    registers,
    collect() {
      this.set(reloads.appliedAt / 1_000);
    },
  });
}
