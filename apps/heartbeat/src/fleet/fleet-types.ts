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
  /** Environment variables with the token and the tenant of a workspace without a list entry, read live. */
  readonly env: Env;
  readonly clock: Clock;
  readonly random: () => number;
  /** Product and version, for `User-Agent`. */
  readonly userAgent: string;
  readonly onEvent: (workspaceId: string, event: WorkspaceEvent) => void;
  readonly onAuthEvent: (workspaceId: string, event: AuthEvent) => void;
  /** Called with each token that is read from a file beside the store's. @default nothing */
  readonly onSecret?: (workspaceId: string, text: string) => void;
  readonly onSchedulingLag?: (ms: number) => void;
  /** A platform's rate limit is too low for the intervals. */
  readonly onPace?: (event: PaceEvent) => void;
  /** Handles messages to the workspaces. @default none: messages are not fetched */
  readonly messages?: MessageOptions | null;
  /** Called with the offset of this machine's clock from a platform's. @default not compared */
  readonly onClockOffset?: (platformOrigin: string, ms: number) => void;
  /** What heartbeats report about the agents' runtime. @default nothing, which means healthy */
  readonly runtime?: AgentEnvironment["runtime"];
  /** How to reach a platform. @default over HTTP, through the proxies of `env` */
  readonly connect?: Connect;
  /** Which of the workspaces this runner owns. @default all of them */
  readonly lease?: Lease;
}

/** How messages to the workspaces are handled. */
export interface MessageOptions {
  readonly onMessage: MessageHandler;
  /** From the end of one check of an inbox to the next, in milliseconds. @default 5000 */
  readonly everyMs?: number;
  /** Timeout of one message, in milliseconds. @default 300000 */
  readonly timeoutMs?: number;
  /** How many messages are handled at once; one per workspace. @default 64 */
  readonly concurrency?: number;
  /** Since when the workspaces have been this runner's, in milliseconds since 1970. @default its start */
  readonly since?: () => Promise<number>;
}

/** How a workspace begins. */
export interface AddOptions {
  /** `heartbeat`: another runner has kept it alive until now. @default "register" */
  readonly begin?: Action;
  /** Removes it again. */
  readonly signal?: AbortSignal;
}

/** One workspace of a fleet, in its current state. */
export interface WorkspaceStatus extends AgentStatus {
  readonly id: string;
  readonly platformUrl: string;
  /** Milliseconds until its next step is due, 0 when it is overdue; `null` while it waits for its platform. */
  readonly dueInMs: number | null;
}

/** Workspaces that are kept alive together: one schedule, and one set of connections for each platform. */
export interface Fleet {
  /**
   * Adds a workspace and starts it once nothing is in flight for an earlier one with the same platform and id. Replaces
   * a workspace with that id.
   */
  add(workspace: WorkspaceConfig, options?: AddOptions): void;
  /**
   * Removes a workspace. Settles when nothing is in flight for it, or for an earlier one with that id: from then on
   * nothing is sent or stored for it, except a token that `unsaved` reports. A request in flight is waited for, because
   * its answer may hold a token.
   */
  remove(id: string): Promise<void>;
  /**
   * Applies a list of workspaces. Unchanged ones are not touched; removed ones are not waited for.
   *
   * @param beginOf how a new one begins. By default all register
   */
  apply(
    workspaces: readonly WorkspaceConfig[],
    beginOf?: (workspace: WorkspaceConfig) => Action,
  ): Promise<Changes>;
  /** Replaces the agent cards. */
  setCards(cardOf: CardOf): void;
  /** Settles after `stop` aborted and everything has ended: from then on nothing is added, removed, sent or stored. */
  run(stop: AbortSignal): Promise<void>;
  /** Whether the platform has accepted the workspace since it was added; false if this is its first registration. */
  isBegun(id: string): boolean;
  /** All workspaces in the order in which they were added. */
  workspaces(): WorkspaceStatus[];
  /** The platforms that have stated a rate limit. */
  paces(): PaceStatus[];
  /** The origin of a workspace's platform; `undefined` for an unknown workspace. */
  platformOf(id: string): string | undefined;
  /** The tokens of a workspace, as its heartbeats use them; `undefined` for an unknown workspace. */
  authOf(id: string): Auth | undefined;
  /** Ids of workspaces, including removed ones, with a token that would be lost with this process. */
  unsaved(): string[];
}
