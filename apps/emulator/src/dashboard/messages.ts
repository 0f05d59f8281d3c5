import type { ContractVersion } from "../contract.ts";
import type { Status } from "../liveness.ts";

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
  readonly kind: "refuse" | "hang" | "status" | "lose-response";
  /** What is answered, where the kind is `status`. */
  readonly status: number | null;
}

/** One request of a workspace to the registry: ms from its arrival to its answer, and the answer's status. */
export type Sample = readonly [ms: number, status: number];

/** One workspace, as much of it as fits on a card. */
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
  /** Oldest first. */
  readonly samples: readonly Sample[];
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
