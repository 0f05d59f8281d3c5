import type { StatusAddress } from "../config/operator.ts";
import type { Notice } from "../worker/notices.ts";
import { createHealth, type HealthOptions } from "./health.ts";
import { createMetrics } from "./metrics.ts";
import { type StatusServer, startStatusServer } from "./server.ts";

/** What the runner shows of itself over HTTP. */
export interface Status extends StatusServer {
  observe(notice: Notice): void;
  observeLateness(ms: number): void;
}

/**
 * Serves
 * - `/health`: 200, or 503 when no beat of any workspace was accepted for too long; either way with the counts
 * - `/live`: 200 as long as this process answers. The one to restart it by: a restart mends no outage of the
 *   platform's, and loses a token that could not be stored yet
 * - `/metrics`: for Prometheus
 *
 * @throws ConfigError when the port or the address cannot be had
 */
export async function openStatus(address: StatusAddress, options: HealthOptions): Promise<Status> {
  const health = createHealth(options);
  const metrics = createMetrics(options.members);
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
    observe(notice) {
      health.observe(notice);
      metrics.observe(notice);
    },
    observeLateness: metrics.observeLateness,
  };
}

const json = (status: number, value: object) => ({
  status,
  type: "application/json; charset=utf-8",
  body: `${JSON.stringify(value)}\n`,
});
