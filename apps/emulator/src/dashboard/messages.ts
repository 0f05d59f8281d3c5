import type { ContractVersion } from "../contract.ts";
import type { Fault } from "../faults.ts";
import type { Status } from "../liveness.ts";
import type { Ending } from "./words.ts";

/** What goes from the emulator to the page. All texts are what agents say they are: never markup. */
export interface FeedMessage {
  /** The emulator's clock, ms. It may run at any speed. */
  readonly now: number;
  /** Forget every card first: this is the first message, or the platform was reset. */
  readonly reset: boolean;
  readonly platform: PlatformMessage;
  /** Cards that are new or changed. */
  readonly cards: readonly CardMessage[];
  /** Workspaces whose cards are to go. */
  readonly gone: readonly string[];
  /** What of the fleet's history is new or changed. */
  readonly history: HistoryMessage;
  /** What happened since the last message, oldest first, and how many events were left out before them. */
  readonly events: readonly TimelineMessage[];
  readonly skipped: number;
}

/** The platform as a whole. */
export interface PlatformMessage {
  readonly contract: ContractVersion;
  readonly outage: OutageMessage | null;
  readonly latencyMs: number;
  /** How many workspaces there are, of which cards may still be on their way. */
  readonly workspaces: number;
}

/** How it fails at the moment. */
export interface OutageMessage {
  readonly kind: Fault["kind"];
  /** What is answered, where the kind is `status`. */
  readonly status: number | null;
  /** What it does to which requests. */
  readonly text: string;
}

/** Heartbeats and failures in buckets of 5 s, and when outages were. All times are ms on the emulator's clock. */
export interface HistoryMessage {
  /** When each begins, how many heartbeats were accepted in it and how many requests failed. */
  readonly buckets: readonly (readonly [at: number, heartbeats: number, failures: number])[];
  /** All of the last ten minutes; `to` is null while one is on. */
  readonly outages: readonly (readonly [from: number, to: number | null])[];
}

/** How the last request of a workspace failed, and how many in a row did. */
export interface FailingMessage extends Ending {
  readonly times: number;
}

/** One workspace, as the table and its details show it. */
export interface CardMessage {
  readonly id: string;
  /** What the agent card calls it; empty when it says nothing. */
  readonly name: string;
  readonly status: Status;
  readonly polls: boolean;
  readonly wedged: boolean;
  readonly heartbeats: number;
  readonly lastHeartbeatAt: number | null;
  /** Of its last heartbeat: 0 to 1. */
  readonly errorRate: number;
  readonly sampleError: string;
  readonly activeTasks: number;
  readonly currentTask: string;
  readonly tokenPrefix: string | null;
  readonly liveTokens: number;
  /** Of its last request to the registry that was answered. */
  readonly latencyMs: number | null;
  /** How many of its last 30 requests to the registry failed, */
  readonly failures: number;
  /** of how many, where there were fewer. */
  readonly requests: number;
  readonly failing: FailingMessage | null;
  /** How many 401s in a row, up to now; 0 while its token is accepted. */
  readonly rejections: number;
  /** The last time that it was accepted again, and after how many 401s. */
  readonly recovery: { readonly at: number; readonly rejections: number } | null;
}

/** How an event is shown. */
export type Tone = "good" | "warn" | "bad" | "quiet";

/** One line of the timeline. */
export interface TimelineMessage {
  /** Counts up from 1 through the emulator's life. */
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
  /** The workspace that said it; null for a person. */
  readonly from: string | null;
  readonly text: string;
}
