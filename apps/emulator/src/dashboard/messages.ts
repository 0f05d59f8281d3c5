import type { ContractVersion } from "../contract.ts";
import type { Fault } from "../faults.ts";
import type { Status } from "../liveness.ts";
import type { Ending } from "./words.ts";

/** Messages from the emulator to the page. Texts come from agents and must never be treated as markup. */
export interface FeedMessage {
  /** The emulator's clock, in ms. It may run at any speed. */
  readonly now: number;
  /** Drop all cards first: this is the first message, or the platform was reset. */
  readonly reset: boolean;
  readonly platform: PlatformMessage;
  /** New or changed cards. */
  readonly cards: readonly CardMessage[];
  /** Ids of removed cards. */
  readonly gone: readonly string[];
  /** New or changed parts of the fleet's history. */
  readonly history: HistoryMessage;
  /** The events since the last message, oldest first, and the number of omitted events before them. */
  readonly events: readonly TimelineMessage[];
  readonly skipped: number;
}

/** The platform's global state. */
export interface PlatformMessage {
  readonly contract: ContractVersion;
  readonly outage: OutageMessage | null;
  readonly latencyMs: number;
  /** The number of workspaces; some cards may not have been sent yet. */
  readonly workspaces: number;
}

/** The current fault. */
export interface OutageMessage {
  readonly kind: Fault["kind"];
  /** The returned status, for the kind `status`. */
  readonly status: number | null;
  /** A description of its effect and scope. */
  readonly text: string;
}

/** Heartbeats and failures in buckets of 5 s, and outages. Times are ms on the emulator's clock. */
export interface HistoryMessage {
  /** For each bucket: its start, accepted heartbeats, and failed requests. */
  readonly buckets: readonly (readonly [at: number, heartbeats: number, failures: number])[];
  /** The outages of the last ten minutes; `to` is null during one. */
  readonly outages: readonly (readonly [from: number, to: number | null])[];
}

/** The last request's failure, and the number of failures in a row. */
export interface FailingMessage extends Ending {
  readonly times: number;
}

/** One workspace in the table and the details. */
export interface CardMessage {
  readonly id: string;
  /** The name in the agent card; empty if there is none. */
  readonly name: string;
  readonly status: Status;
  readonly polls: boolean;
  readonly wedged: boolean;
  readonly heartbeats: number;
  readonly lastHeartbeatAt: number | null;
  /** From its last heartbeat: 0 to 1. */
  readonly errorRate: number;
  readonly sampleError: string;
  readonly activeTasks: number;
  readonly currentTask: string;
  readonly tokenPrefix: string | null;
  readonly liveTokens: number;
  /** Of its last answered request to the registry. */
  readonly latencyMs: number | null;
  /** The number of failures among its last 30 requests to the registry, */
  readonly failures: number;
  /** and the number of those requests, at most 30. */
  readonly requests: number;
  readonly failing: FailingMessage | null;
  /** The number of 401s in a row so far; 0 while its token is accepted. */
  readonly rejections: number;
  /** The last recovery, and the number of 401s before it. */
  readonly recovery: { readonly at: number; readonly rejections: number } | null;
}

/** The style of an event. */
export type Tone = "good" | "warn" | "bad" | "quiet";

/** One line of the timeline. */
export interface TimelineMessage {
  /** Increases from 1 over the emulator's lifetime. */
  readonly seq: number;
  readonly at: number;
  readonly tone: Tone;
  readonly workspaceId: string | null;
  readonly text: string;
}

/** One message of a workspace's conversation with a person or with other workspaces. */
export interface ConversationMessage {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  /** The workspace that sent it; null for a person. */
  readonly from: string | null;
  readonly text: string;
}
