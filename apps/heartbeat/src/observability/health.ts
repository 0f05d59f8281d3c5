import { type Clock, elapsedMs, type Moment, momentOf } from "../clock.ts";
import type { Timing } from "../config/timing.ts";
import type { WorkspaceStatus } from "../fleet/fleet-types.ts";
import type { WorkspaceEvent } from "../workspace/events.ts";
import { countByState, countUnsaved } from "./workspace-states.ts";

/** The body of `/health`. */
export interface HealthReport {
  /**
   * - `starting`: the store that holds the tokens has not answered yet
   * - `failing`: no heartbeat was accepted for longer than the liveness timeout, or the platform has removed all workspaces
   */
  readonly status: "ok" | "failing" | "starting";
  readonly workspaces: { readonly total: number; readonly [state: string]: number };
  readonly unsaved_tokens: number;
  /** Seconds since any workspace's last accepted heartbeat; `null` before the first. */
  readonly last_accepted_heartbeat_seconds: number | null;
}

export interface Health {
  observe(event: WorkspaceEvent): void;
  report(): HealthReport;
}

export interface HealthOptions {
  readonly workspaces: () => readonly WorkspaceStatus[];
  readonly clock: Clock;
  readonly timing: Timing;
  /** Whether it is waiting for the store. @default false */
  readonly isStarting?: () => boolean;
}

/**
 * The health of the fleet as a whole. The start counts like an accepted heartbeat, and so does each report while the
 * list is empty, so that the first heartbeats have time to arrive.
 */
export function createHealth({ workspaces, clock, timing, isStarting = () => false }: HealthOptions): Health {
  const livenessTimeoutMs = Math.max(timing.livenessTimeoutMs, 1.5 * timing.intervalMs);
  let lastHeartbeat: Moment | null = null;
  let lastSign = momentOf(clock);
  return {
    observe({ type }) {
      if (type !== "heartbeat") return;
      lastHeartbeat = momentOf(clock);
      lastSign = lastHeartbeat;
    },
    report() {
      const statuses = workspaces();
      const counts = countByState(statuses);
      // Heartbeats of removed workspaces may be accepted, but prove nothing.
      const allRemoved = counts.removed === statuses.length;
      const now = momentOf(clock);
      if (statuses.length === 0) lastSign = now;
      const silentMs = elapsedMs(lastSign, now);
      const isFailing = statuses.length > 0 && (silentMs > livenessTimeoutMs || allRemoved);
      return {
        status: isStarting() ? "starting" : isFailing ? "failing" : "ok",
        workspaces: { total: statuses.length, ...counts },
        unsaved_tokens: countUnsaved(statuses),
        last_accepted_heartbeat_seconds:
          lastHeartbeat === null ? null : Math.round(elapsedMs(lastHeartbeat, now) / 100) / 10,
      };
    },
  };
}
