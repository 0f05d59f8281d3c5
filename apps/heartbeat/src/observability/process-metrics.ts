import { collectDefaultMetrics, Gauge, type Registry } from "prom-client";
import { version } from "../version.ts";

/** These have a series for each of Node's internal classes, and are gauges although they are called `_total`. */
const LEFT_OUT = ["handles", "requests", "resources"].flatMap((what) => [
  `nodejs_active_${what}`,
  `nodejs_active_${what}_total`,
]);

/** Version and resource usage, under the names that dashboards for Node expect. */
export function addProcessMetrics(registry: Registry): void {
  new Gauge({
    name: "heartbeat_build_info",
    help: "Always 1; its labels are the versions of heartbeat and Node.",
    labelNames: ["version", "node"],
    registers: [registry],
  }).set({ version, node: process.versions.node }, 1);
  collectDefaultMetrics({ register: registry });
  for (const name of LEFT_OUT) registry.removeSingleMetric(name);
}
