import type { Auth, AuthEvent, Env } from "@x/auth-core";
import type { Clock } from "../clock.ts";
import type { CardOf } from "../config/agent-card.ts";
import type { Timing } from "../config/timing.ts";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import type { WorkspaceStore } from "../storage/workspace-store.ts";
import type { Connect } from "../transport/connection.ts";
import type { AgentEnvironment, AgentStatus } from "../workspace/agent-options.ts";
import type { WorkspaceEvent } from "../workspace/events.ts";
import type { MessageHandler } from "../workspace/inbox/message.ts";
import type { Lease } from "../workspace/permissions.ts";
import type { Action } from "../workspace/state-machine.ts";
import type { Changes } from "./changes.ts";
import type { PaceEvent, PaceStatus } from "./pacer.ts";

export interface FleetOptions {
  readonly store: WorkspaceStore;
  readonly timing: Timing;
  readonly cardOf: CardOf;
  /** Where the token and the tenant of a workspace without a list entry of its own are read, live. */
  readonly env: Env;
  readonly clock: Clock;
  readonly random: () => number;
  /** Product and version, for `User-Agent`. */
  readonly userAgent: string;
  readonly onEvent: (workspaceId: string, event: WorkspaceEvent) => void;
  readonly onAuthEvent: (workspaceId: string, event: AuthEvent) => void;
  readonly onSchedulingLag?: (ms: number) => void;
  /** A platform's rate limit does not carry the intervals. */
  readonly onPace?: (event: PaceEvent) => void;
  /** Handles the messages to the workspaces. @default none: they are not fetched */
  readonly messages?: MessageOptions | null;
  /** Called with how far this machine's clock is ahead of a platform's. @default not compared */
  readonly onClockOffset?: (platformOrigin: string, ms: number) => void;
  /** What the heartbeats say of the agents' runtime. @default nothing: it is well */
  readonly runtime?: AgentEnvironment["runtime"];
  /** How a platform is reached. @default over HTTP, through the proxies of `env` */
  readonly connect?: Connect;
  /** Which of the workspaces are this runner's. @default all of them */
  readonly lease?: Lease;
}

/** How messages to the workspaces are handled. */
export interface MessageOptions {
  readonly onMessage: MessageHandler;
  /** From the end of one check of an inbox to the next, in milliseconds. @default 5000 */
  readonly everyMs?: number;
  /** How long one message may take, in milliseconds. @default 300000 */
  readonly timeoutMs?: number;
  /** How many messages are handled at once; of each workspace one. @default 64 */
  readonly concurrency?: number;
}

/** How a workspace begins. */
export interface AddOptions {
  /** `heartbeat`: another runner kept it alive until now. @default "register" */
  readonly begin?: Action;
  /** Removes it again. */
  readonly signal?: AbortSignal;
}

/** One workspace of a fleet, as it is now. */
export interface WorkspaceStatus extends AgentStatus {
  readonly id: string;
  readonly platformUrl: string;
  /** In how many milliseconds its next step is due, 0 when it is overdue; `null` while it waits for its platform. */
  readonly dueInMs: number | null;
}

/** Workspaces that are kept alive together: one schedule, one set of connections for each platform. */
export interface Fleet {
  /**
   * Begins with a workspace, once nothing of an earlier one with the same platform and id is in flight any more. One with
   * that id which the fleet has is removed.
   */
  add(workspace: WorkspaceConfig, options?: AddOptions): void;
  /**
   * Ends a workspace. Settles when nothing of it is in flight any more, nor of an earlier one with that id: from then on
   * nothing is sent or stored for it. A request in flight is waited for, because its answer may hold a token.
   */
  remove(id: string): Promise<void>;
  /**
   * Applies a list of workspaces. Those that did not change are not touched; what is removed is not waited for.
   *
   * @param beginOf how a new one begins. Default: all register
   */
  apply(
    workspaces: readonly WorkspaceConfig[],
    beginOf?: (workspace: WorkspaceConfig) => Action,
  ): Promise<Changes>;
  /** The agent cards from now on. */
  setCards(cardOf: CardOf): void;
  /** Settles after `stop` aborted and all has ended. */
  run(stop: AbortSignal): Promise<void>;
  /** Whether the platform has accepted the workspace since it began here: it is not about to register for the first time. */
  isBegun(id: string): boolean;
  /** All workspaces in the order of their arrival. */
  workspaces(): WorkspaceStatus[];
  /** The platforms that have stated a rate limit. */
  paces(): PaceStatus[];
  /** The origin of a workspace's platform; `undefined` for one that is not there. */
  platformOf(id: string): string | undefined;
  /** The tokens of a workspace, as its heartbeats use them; `undefined` for one that is not there. */
  authOf(id: string): Auth | undefined;
  /** Ids of workspaces, removed ones included, with a token or a secret that would be lost with this process. */
  unsaved(): string[];
}
