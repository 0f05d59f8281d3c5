import { advice } from "@x/platform-client";
import type { ClusterReport } from "../cluster/cluster-report.ts";
import type { WorkspaceStatus } from "../fleet/fleet-types.ts";
import { version } from "../version.ts";
import { cleanText } from "./clean-text.ts";
import type { HealthReport } from "./health.ts";
import { failureCode } from "./log-messages.ts";
import type { ReloadState } from "./reload-state.ts";
import { type State, stateOf } from "./workspace-states.ts";

/** The body of `/workspaces`, which `heartbeat status` shows. Times are ISO 8601. */
export interface WorkspacesReport {
  readonly version: string;
  readonly started_at: string;
  readonly health: HealthReport;
  readonly config: {
    readonly last_reload_successful: boolean;
    readonly last_reload_success_at: string;
  };
  readonly workspaces: readonly WorkspaceReport[];
  /** `null`: it shares them with no other runner. */
  readonly cluster: ClusterReport | null;
}

export interface WorkspaceReport {
  readonly id: string;
  readonly platform_url: string;
  readonly state: State;
  readonly last_heartbeat_at: string | null;
  readonly latency_ms: number | null;
  /** Over the last minute, from 0 to 1. */
  readonly error_rate: number;
  /** Consecutive requests that got no answer or were rejected. */
  readonly failures: number;
  /** `null` while it waits for its platform. */
  readonly next_in_seconds: number | null;
  readonly token_unsaved: boolean;
  /** The platform's status of the workspace; `null` before it was fetched. */
  readonly platform_status: string | null;
  readonly problem: {
    /** The code, as in the log. */
    readonly code: string;
    readonly message: string;
    /** What to do; `null` to wait. */
    readonly fix: string | null;
  } | null;
}

export interface WorkspacesReportOptions {
  readonly workspaces: readonly WorkspaceStatus[];
  readonly health: HealthReport;
  readonly reloads: ReloadState;
  /** Wall-clock time, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Removes tokens from a text. */
  readonly redact: (text: string) => string;
  readonly cluster: ClusterReport | null;
}

export function workspacesReport(options: WorkspacesReportOptions): WorkspacesReport {
  const { workspaces, health, reloads, startedAt, redact, cluster } = options;
  return {
    version,
    started_at: new Date(startedAt).toISOString(),
    health,
    config: {
      last_reload_successful: reloads.isLastApplied,
      last_reload_success_at: new Date(reloads.appliedAt).toISOString(),
    },
    workspaces: workspaces.map((workspace) => reportOf(workspace, redact)),
    cluster,
  };
}

function reportOf(workspace: WorkspaceStatus, redact: (text: string) => string): WorkspaceReport {
  const { id, platformUrl, state, lastHeartbeatAt, latencyMs, errorRate, dueInMs, unsaved } = workspace;
  const { platformStatus } = workspace;
  return {
    id,
    platform_url: platformUrl,
    state: stateOf(workspace),
    last_heartbeat_at: lastHeartbeatAt === null ? null : new Date(lastHeartbeatAt).toISOString(),
    latency_ms: latencyMs === null ? null : Math.round(latencyMs * 10) / 10,
    error_rate: Math.round(errorRate * 1_000) / 1_000,
    failures: state.tries + state.rejections + state.failures,
    next_in_seconds: dueInMs === null ? null : Math.round(dueInMs / 100) / 10,
    token_unsaved: unsaved,
    platform_status: platformStatus === null ? null : redact(cleanText(platformStatus, "one-line")),
    problem: problemOf(workspace, redact),
  };
}

function problemOf(workspace: WorkspaceStatus, redact: (text: string) => string): WorkspaceReport["problem"] {
  const { lastFailure, unsaved } = workspace;
  if (unsaved) {
    return {
      code: "TOKEN_UNSAVED",
      message: "a token that the platform issued is in memory only",
      fix: "Make its directory writable before you stop the runner.",
    };
  }
  if (stateOf(workspace) === "removed") {
    return {
      code: "REMOVED",
      message: "the platform says that it was removed",
      fix: "Create it again there and use its new id and token, or take it off the list.",
    };
  }
  if (lastFailure === null) return null;
  const { action, failure } = lastFailure;
  return {
    code: failureCode(action, failure),
    message: redact(`${action} failed: ${cleanText(failure.message, "one-line")}`),
    fix: advice(failure),
  };
}
