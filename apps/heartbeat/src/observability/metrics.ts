import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { WorkspaceStatus } from "../fleet/fleet.ts";
import type { WorkspaceEvent } from "../workspace/events.ts";
import type { Outcome } from "../workspace/outcome.ts";
import { countByState, countUnsaved } from "./workspace-states.ts";

/** Metrics for Prometheus. No label names a workspace: ten thousand of them add no series. */
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

/** Seconds; the last one is the time after which a request is given up. */
const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LAG_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(workspaces: () => readonly WorkspaceStatus[]): Metrics {
  const registry = new Registry();
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
    help: "By how much steps began after they were due.",
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
    help: "Tokens that the platform issued and that could not be stored yet; a restart would lose them.",
    registers,
    collect() {
      this.set(countUnsaved(workspaces()));
    },
  });

  return {
    observe(event) {
      if (event.type === "heartbeat") {
        heartbeats.inc({ outcome: "accepted" });
        latency.observe(event.latencyMs / 1000);
      } else if (event.type === "registered") registrations.inc({ outcome: "accepted" });
      else if (event.type === "token-recovered") recoveries.inc();
      else if (event.type === "failed") {
        const counter = event.action === "heartbeat" ? heartbeats : registrations;
        counter.inc({ outcome: event.failure.kind });
      }
    },
    observeSchedulingLag: (ms) => schedulingLag.observe(Math.max(0, ms) / 1000),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

/** A counter with a series for each outcome from the start, so that a rate has something to begin with. */
function byOutcome(name: string, help: string, registers: Registry[]): Counter<"outcome"> {
  const counter = new Counter({ name, help, labelNames: ["outcome"], registers });
  for (const outcome of Object.keys(OUTCOMES)) counter.inc({ outcome }, 0);
  return counter;
}
