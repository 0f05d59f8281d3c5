import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ClusterStatus } from "../cluster/cluster-events.ts";
import type { WorkspaceStatus } from "../fleet/fleet-types.ts";
import type { PaceStatus } from "../fleet/pacer.ts";
import type { WorkspaceEvent } from "../workspace/events.ts";
import type { Outcome } from "../workspace/outcome.ts";
import { addClusterMetrics } from "./cluster-metrics.ts";
import { addPaceMetrics } from "./pace-metrics.ts";
import { addProcessMetrics } from "./process-metrics.ts";
import { addReloadMetrics } from "./reload-metrics.ts";
import type { ReloadState } from "./reload-state.ts";
import { countByState, countUnsaved } from "./workspace-states.ts";

/** Metrics for Prometheus. No label names a workspace: ten thousand workspaces add no series. */
export interface Metrics {
  observe(event: WorkspaceEvent): void;
  observeSchedulingLag(ms: number): void;
  readonly contentType: string;
  text(): Promise<string>;
}

const OUTCOMES: Readonly<Record<Outcome["kind"], true>> = {
  accepted: true,
  unauthorized: true,
  forbidden: true,
  not_found: true,
  routing_error: true,
  unavailable: true,
  invalid: true,
  circuit_open: true,
  aborted: true,
};

const MESSAGE_OUTCOMES: Partial<Record<WorkspaceEvent["type"], string>> = {
  "message-answered": "answered",
  "message-handled": "handled",
  "message-set-aside": "set_aside",
};

/** Seconds; the last one is the request timeout. */
const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LAG_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface MetricsOptions {
  readonly workspaces: () => readonly WorkspaceStatus[];
  readonly reloads: ReloadState;
  /** How many log lines were dropped so far. @default none */
  readonly droppedLogLines?: () => number;
  /** The intervals under each platform's rate limit. @default none */
  readonly paces?: () => readonly PaceStatus[];
  /** The runner's name, a label of every series, when several runners share workspaces. @default a single runner */
  readonly cluster?: { readonly runner: string; status(): ClusterStatus } | undefined;
}

export function createMetrics({
  workspaces,
  reloads,
  droppedLogLines = () => 0,
  paces = () => [],
  cluster,
}: MetricsOptions): Metrics {
  const registry = new Registry();
  if (cluster !== undefined) {
    registry.setDefaultLabels({ runner: cluster.runner });
    addClusterMetrics(registry, () => cluster.status());
  }
  addProcessMetrics(registry);
  addPaceMetrics(registry, paces);
  addReloadMetrics(registry, reloads);
  const registers = [registry];
  const heartbeats = byOutcome("heartbeat_heartbeats_total", "Heartbeats sent, by outcome.", registers);
  const registrations = byOutcome(
    "heartbeat_registrations_total",
    "Registrations sent, by outcome.",
    registers,
  );
  const latency = new Histogram({
    name: "heartbeat_latency_seconds",
    help: "From sending a heartbeat to the answer that accepts it.",
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const recoveries = new Counter({
    name: "heartbeat_token_recoveries_total",
    help: "Requests that were rejected with a 401 and then accepted with another token.",
    registers,
  });
  const schedulingLag = new Histogram({
    name: "heartbeat_scheduling_lag_seconds",
    help: "How late steps began.",
    buckets: LAG_BUCKETS,
    registers,
  });
  new Gauge({
    name: "heartbeat_workspaces",
    help: "Workspaces, by state.",
    labelNames: ["state"],
    registers,
    collect() {
      for (const [state, count] of Object.entries(countByState(workspaces()))) this.set({ state }, count);
    },
  });
  new Gauge({
    name: "heartbeat_tokens_unsaved",
    help: "Issued tokens that could not be stored yet; a restart would lose them.",
    registers,
    collect() {
      this.set(countUnsaved(workspaces()));
    },
  });
  new Counter({
    name: "heartbeat_log_dropped_total",
    help: "Log lines dropped because no one read them or they could not be written.",
    registers,
    collect() {
      this.reset();
      this.inc(droppedLogLines());
    },
  });

  const messages = new Counter({
    name: "heartbeat_messages_total",
    help: "Messages to the workspaces: answered, handled without an answer, set aside.",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of Object.values(MESSAGE_OUTCOMES)) messages.inc({ outcome }, 0);

  return {
    observe(event) {
      if (event.type === "heartbeat") {
        heartbeats.inc({ outcome: "accepted" });
        latency.observe(event.latencyMs / 1000);
      } else if (event.type === "registered") registrations.inc({ outcome: "accepted" });
      else if (event.type === "token-recovered") recoveries.inc();
      else if (Object.hasOwn(MESSAGE_OUTCOMES, event.type)) {
        const outcome = MESSAGE_OUTCOMES[event.type];
        if (outcome !== undefined) messages.inc({ outcome });
      } else if (event.type === "failed") {
        const counter = event.action === "heartbeat" ? heartbeats : registrations;
        counter.inc({ outcome: event.failure.kind });
      }
    },
    observeSchedulingLag: (ms) => schedulingLag.observe(Math.max(0, ms) / 1000),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

/** A counter with a series for each outcome from the start, so that rates start at 0. */
function byOutcome(name: string, help: string, registers: Registry[]): Counter<"outcome"> {
  const counter = new Counter({ name, help, labelNames: ["outcome"], registers });
  for (const outcome of Object.keys(OUTCOMES)) counter.inc({ outcome }, 0);
  return counter;
}
