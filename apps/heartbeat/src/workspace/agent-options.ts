import type { Auth } from "@x/auth-core";
import type { AgentCard, PlatformClient, WorkspaceClientOptions } from "@x/platform-client";
import type { Clock } from "../clock.ts";
import type { Timing } from "../config/timing.ts";
import type { WorkspaceRef, WorkspaceStore } from "../storage/workspace-store.ts";
import type { Random } from "./backoff.ts";
import type { UnsavedToken } from "./credentials.ts";
import type { WorkspaceEvent } from "./events.ts";
import type { Action } from "./state-machine.ts";

/** What the workspaces of a runner have in common. */
export interface AgentEnvironment {
  readonly store: WorkspaceStore;
  readonly timing: Timing;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent: (workspaceId: string, event: WorkspaceEvent) => void;
}

export interface WorkspaceAgentOptions {
  readonly environment: AgentEnvironment;
  readonly ref: WorkspaceRef;
  readonly auth: Auth;
  readonly createClient: (workspace: WorkspaceClientOptions) => PlatformClient;
  readonly card: AgentCard;
  /** `heartbeat`: another runner kept it alive until now. */
  readonly begin: Action;
  /** An earlier process may have stored its token beside the runner's own state only. */
  readonly hasSpilledToken: boolean;
  /** What an earlier agent of the workspace could not store. @default null */
  readonly unsavedToken?: UnsavedToken | null;
}
