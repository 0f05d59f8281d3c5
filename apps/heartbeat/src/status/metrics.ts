import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { MemberView } from "../fleet/fleet.ts";
import type { Outcome } from "../platform/reply.ts";
import type { Notice } from "../worker/notices.ts";
import { countByState, countUnsaved } from "./states.ts";

/** What a Prometheus server can ask for. No label names a workspace: ten thousand of them make no more series. */
export interface Metrics {
  observe(notice: Notice): void;
  observeLateness(ms: number): void;
  readonly contentType: string;
  text(): Promise<string>;
}

const OUTCOMES: Readonly<Record<Outcome["kind"], true>> = {
  accepted: true,
  refused: true,
  gone: true,
  misrouted: true,
  unavailable: true,
  invalid: true,
};

/** Seconds; the last one is the time after which a request is given up. */
const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LATENESS_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(members: () => readonly MemberView[]): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const beats = byOutcome("heartbeat_beats_total", "Beats sent, by what came of them.", registers);
  const registrations = byOutcome(
    "heartbeat_registrations_total",
    "Registrations sent, by what came of them.",
    registers,
  );
  const latency = new Histogram({
    name: "heartbeat_beat_latency_seconds",
    help: "From sending a beat to the answer that accepts it.",
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const recoveries = new Counter({
    name: "heartbeat_token_recoveries_total",
    help: "Requests that were refused (401) and then accepted with another token.",
    registers,
  });
  const lateness = new Histogram({
    name: "heartbeat_schedule_lateness_seconds",
    help: "By how much steps began after they were due.",
    buckets: LATENESS_BUCKETS,
    registers,
  });
  new Gauge({
    name: "heartbeat_workspaces",
    help: "Workspaces, by state.",
    labelNames: ["state"],
    registers,
    collect() {
      for (const [state, count] of Object.entries(countByState(members()))) this.set({ state }, count);
    },
  });
  new Gauge({
    name: "heartbeat_tokens_unsaved",
    help: "Tokens that the platform issued and that could not be stored yet; a restart would lose them.",
    registers,
    collect() {
      this.set(countUnsaved(members()));
    },
  });

  return {
    observe(notice) {
      if (notice.type === "beat") {
        beats.inc({ outcome: "accepted" });
        latency.observe(notice.latencyMs / 1000);
      } else if (notice.type === "registered") registrations.inc({ outcome: "accepted" });
      else if (notice.type === "token-recovered") recoveries.inc();
      else if (notice.type === "failed") {
        const counter = notice.action === "beat" ? beats : registrations;
        counter.inc({ outcome: notice.outcome.kind });
      }
    },
    observeLateness: (ms) => lateness.observe(Math.max(0, ms) / 1000),
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
