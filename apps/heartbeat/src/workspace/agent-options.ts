import type { Auth } from "@x/auth-core";
import type { AgentCard, HeartbeatStats, PlatformClient, WorkspaceClientOptions } from "@x/platform-client";
import type { Clock } from "../clock.ts";
import type { Timing } from "../config/timing.ts";
import type { WorkspaceRef, WorkspaceStore } from "../storage/workspace-store.ts";
import type { Random } from "./backoff.ts";
import type { UnsavedToken } from "./credentials.ts";
import type { WorkspaceEvent } from "./events.ts";
import type { InboxSettings } from "./inbox/inbox-options.ts";
import type { Outcome } from "./outcome.ts";
import type { Lease } from "./permissions.ts";
import type { Report } from "./report.ts";
import type { Action, Wait, WorkspaceState } from "./state-machine.ts";

/** What the workspaces of a runner have in common. */
export interface AgentEnvironment {
  readonly store: WorkspaceStore;
  readonly timing: Timing;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent: (workspaceId: string, event: WorkspaceEvent) => void;
  /** How messages are handled; `null`: they are not fetched. */
  readonly inbox: InboxSettings | null;
  /** What the heartbeats say of the agent's own runtime. @default nothing: it is well */
  readonly runtime?: (() => RuntimeReport) | undefined;
  /** Which of the workspaces are this runner's. @default all, and for ever */
  readonly lease?: Lease;
}

/** What a heartbeat says of the agent's runtime; empty: it is well. */
export type RuntimeReport = Pick<HeartbeatStats, "runtimeState" | "sampleError">;

/** One workspace, as its parts see it: one object, because there may be a hundred thousand of them. */
export interface WorkspaceContext {
  readonly ref: WorkspaceRef;
  readonly auth: Auth;
  readonly client: PlatformClient;
  readonly environment: AgentEnvironment;
  emit(event: WorkspaceEvent): void;
}

export interface WorkspaceAgentOptions {
  readonly environment: AgentEnvironment;
  readonly ref: WorkspaceRef;
  readonly auth: Auth;
  readonly createClient: (workspace: WorkspaceClientOptions) => PlatformClient;
  readonly card: AgentCard;
  /** Where the platform calls the workspace. @default none: a new workspace polls, a known one stays as it is */
  readonly url?: string;
  /** `heartbeat`: another runner kept it alive until now. */
  readonly begin: Action;
  /** An earlier process may have stored its token beside the runner's own state only. */
  readonly hasSpilledToken: boolean;
  /** What an earlier agent of the workspace could not store. @default null */
  readonly unsavedToken?: UnsavedToken | null;
}

/** The outcome of a step, and how long to wait before the next one. */
export interface Step {
  readonly outcome: Outcome;
  readonly wait: Wait;
  /** The platform answered, whatever it said. */
  readonly reachedPlatform: boolean;
  /** It accepted a heartbeat: jobs may run. */
  readonly isAlive: boolean;
}

/** How a workspace is doing, for tables and metrics. */
export interface AgentStatus extends Report {
  readonly state: WorkspaceState;
  /** Over the last minute, from 0 to 1. */
  readonly errorRate: number;
  /** True while a token or secret from the platform would be lost with this process. */
  readonly unsaved: boolean;
  /** The status that the platform reports for the workspace; `null` before it was asked. */
  readonly platformStatus: string | null;
}
