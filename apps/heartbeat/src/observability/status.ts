import type { StatusAddress } from "../config/operator-flags.ts";
import type { WorkspaceEvent } from "../workspace/events.ts";
import { createHealth, type HealthOptions } from "./health.ts";
import { createMetrics } from "./metrics.ts";
import { type StatusServer, startStatusServer } from "./status-server.ts";

/** What the runner shows of itself over HTTP. */
export interface Status extends StatusServer {
  observe(event: WorkspaceEvent): void;
  observeSchedulingLag(ms: number): void;
}

/**
 * Serves
 * - `/health`: 200, or 503 when no heartbeat of any workspace was accepted for too long; either way with the counts
 * - `/live`: 200 as long as this process answers. The one for restarts: a restart does not fix an outage of
 *   the platform, and loses a token that is not stored yet
 * - `/metrics`: for Prometheus
 *
 * @throws ConfigError when the port or the address cannot be had
 */
export async function openStatus(address: StatusAddress, options: HealthOptions): Promise<Status> {
  const health = createHealth(options);
  const metrics = createMetrics(options.workspaces);
  const server = await startStatusServer(address, {
    "/health": () => {
      const report = health.report();
      return json(report.status === "ok" ? 200 : 503, report);
    },
    "/live": () => json(200, { status: "ok" }),
    "/metrics": async () => ({ status: 200, type: metrics.contentType, body: await metrics.text() }),
  });
  return {
    ...server,
    observe(event) {
      health.observe(event);
      metrics.observe(event);
    },
    observeSchedulingLag: metrics.observeSchedulingLag,
  };
}

const json = (status: number, value: object) => ({
  status,
  type: "application/json; charset=utf-8",
  body: `${JSON.stringify(value)}\n`,
});
