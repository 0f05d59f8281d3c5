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
    "Requests a minute that share that limit, if nothing is sent less often because of it.",
    ({ wanted }) => wanted,
  );
  gauge(
    "heartbeat_interval_seconds",
    "From one heartbeat of a workspace to the next, as the limit allows it.",
    ({ heartbeatMs }) => heartbeatMs / 1000,
  );
}
