import { Gauge, type Registry } from "prom-client";
import type { PaceStatus } from "../fleet/pacer.ts";

/** The intervals under each platform's rate limit. */
export function addPaceMetrics(registry: Registry, paces: () => readonly PaceStatus[]): void {
  const gauge = (name: string, help: string, value: (pace: PaceStatus) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ["platform"],
      registers: [registry],
      collect() {
        for (const pace of paces()) this.set({ platform: pace.platformOrigin }, value(pace));
      },
    });
  gauge(
    "heartbeat_rate_limit_per_minute",
    "Requests a minute that the platform allows.",
    ({ limit }) => limit,
  );
  gauge(
    "heartbeat_requests_wanted_per_minute",
    "Requests a minute that would share that limit if nothing were slowed down.",
    ({ wanted }) => wanted,
  );
  gauge(
    "heartbeat_interval_seconds",
    "Heartbeat interval of a workspace that the limit allows.",
    ({ heartbeatMs }) => heartbeatMs / 1000,
  );
}
