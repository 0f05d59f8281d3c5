import type { ClusterReport } from "../cluster/cluster-report.ts";
import type { StatusAddress } from "../config/operator-flags.ts";
import type { WorkspaceEvent } from "../workspace/events.ts";
import { createHealth, type HealthOptions } from "./health.ts";
import { createMetrics, type MetricsOptions } from "./metrics.ts";
import { ReloadState } from "./reload-state.ts";
import { type Page, type StatusServer, startStatusServer } from "./status-server.ts";
import { workspacesReport } from "./workspaces-report.ts";

/** What the runner reports about itself over HTTP. */
export interface Status extends StatusServer {
  observe(event: WorkspaceEvent): void;
  observeSchedulingLag(ms: number): void;
  /** @param isApplied false: the previous configuration stays in effect */
  observeReload(isApplied: boolean): void;
}

export interface StatusOptions extends HealthOptions, Omit<MetricsOptions, "reloads"> {
  /** Removes tokens from a text. */
  readonly redact: (text: string) => string;
  /** Of a runner that shares its workspaces with others. @default there are no others */
  readonly clusterReport?: (() => ClusterReport) | undefined;
}

/**
 * Serves
 * - `/health`: the counts, with 200, or with 503 when no heartbeat of any workspace was accepted for too long or the
 *   store has not answered yet
 * - `/live`: 200 as long as this process answers. Use it for restarts: a restart does not fix an outage of the
 *   platform, and loses a token that is not stored yet
 * - `/metrics`: for Prometheus
 * - `/workspaces`: details of each workspace, for `heartbeat status`, to this machine only
 *
 * @throws ConfigError when the port or the address is not available
 */
export async function openStatus(address: StatusAddress, options: StatusOptions): Promise<Status> {
  const { clock, workspaces, redact, clusterReport } = options;
  const health = createHealth(options);
  const reloads = new ReloadState(clock);
  const metrics = createMetrics({ ...options, reloads });
  const startedAt = clock.wall();
  const server = await startStatusServer(address, {
    "/health": () => {
      const report = health.report();
      return json(report.status === "ok" ? 200 : 503, report);
    },
    "/live": () => json(200, { status: "ok" }),
    "/workspaces": ({ isThisMachine }) =>
      isThisMachine
        ? json(
            200,
            workspacesReport({
              workspaces: workspaces(),
              health: health.report(),
              reloads,
              startedAt,
              redact,
              cluster: clusterReport?.() ?? null,
            }),
          )
        : ONLY_HERE,
    "/metrics": async () => ({ status: 200, type: metrics.contentType, body: await metrics.text() }),
  });
  return {
    ...server,
    observe(event) {
      health.observe(event);
      metrics.observe(event);
    },
    observeSchedulingLag: metrics.observeSchedulingLag,
    observeReload: (isApplied) => reloads.observe(isApplied),
  };
}

const ONLY_HERE: Page = {
  status: 403,
  type: "text/plain; charset=utf-8",
  body: "The workspaces are shown to this machine only: run heartbeat status there.\n",
};

const json = (status: number, value: object) => ({
  status,
  type: "application/json; charset=utf-8",
  body: `${JSON.stringify(value)}\n`,
});
