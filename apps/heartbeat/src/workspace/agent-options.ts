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

/** What the workspaces of a runner share. */
export interface AgentEnvironment {
  readonly store: WorkspaceStore;
  readonly timing: Timing;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent: (workspaceId: string, event: WorkspaceEvent) => void;
  /** How messages are handled; `null` when they are not fetched. */
  readonly inbox: InboxSettings | null;
  /** What heartbeats report about the agent's own runtime. @default nothing, which means healthy */
  readonly runtime?: (() => RuntimeReport) | undefined;
  /** Which of the workspaces this runner owns. @default all, permanently */
  readonly lease?: Lease;
}

/** What a heartbeat reports about the agent's runtime; empty means healthy. */
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
  /**
   * The URL at which the platform calls the workspace. @default none: a new workspace polls, a known one keeps its mode
   */
  readonly url?: string;
  /** `heartbeat`: another runner has kept it alive until now. */
  readonly begin: Action;
  /** An earlier process may have stored its token only next to the runner's own state. */
  readonly hasSpilledToken: boolean;
  /** What an earlier agent of the workspace could not store. @default null */
  readonly unsavedToken?: UnsavedToken | null;
}

/** The outcome of a step, and how long to wait before the next one. */
export interface Step {
  readonly outcome: Outcome;
  readonly wait: Wait;
  /** The platform answered, with any status. */
  readonly reachedPlatform: boolean;
  /** It accepted a heartbeat: jobs may run. */
  readonly isAlive: boolean;
}

/** The status of a workspace, for tables and metrics. */
export interface AgentStatus extends Report {
  readonly state: WorkspaceState;
  /** Over the last minute, from 0 to 1. */
  readonly errorRate: number;
  /** True while a token from the platform would be lost with this process. */
  readonly unsaved: boolean;
  /** The platform's status of the workspace; `null` before it was fetched. */
  readonly platformStatus: string | null;
}
