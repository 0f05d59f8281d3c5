import type { WorkspaceStatus } from "../fleet/fleet-types.ts";
import { stateOf } from "../observability/workspace-states.ts";

/** The status of a workspace that this process keeps online. */
export interface RunningStatus {
  /**
   * - `registering`: the platform has not accepted it yet
   * - `alive`: its heartbeats are accepted
   * - `recovering`: the last request failed and is being retried
   * - `removed`: the platform has removed it; it needs a new workspace
   * - `stopped`: nothing is sent any more
   */
  readonly state: "registering" | "alive" | "recovering" | "removed" | "stopped";
  /** When the last heartbeat was accepted, in milliseconds since 1970; `null` before the first. */
  readonly lastHeartbeatAt: number | null;
  /** Milliseconds that the platform took to answer it; `null` before the first. */
  readonly latencyMs: number | null;
  /** Why the last request failed, as readable text; `null` if it succeeded. */
  readonly failure: string | null;
  /** A token that the platform issued is only in memory: it would be lost with this process. */
  readonly isTokenUnsaved: boolean;
}

export const STARTING: RunningStatus = {
  state: "registering",
  lastHeartbeatAt: null,
  latencyMs: null,
  failure: null,
  isTokenUnsaved: false,
};

/** @param redact removes tokens from a text */
export function runningStatus(status: WorkspaceStatus, redact: (text: string) => string): RunningStatus {
  const { lastHeartbeatAt, latencyMs, failure, unsaved } = status;
  return {
    state: stateOf(status),
    lastHeartbeatAt,
    latencyMs,
    failure: failure === null ? null : redact(failure),
    isTokenUnsaved: unsaved,
  };
}
