import type { ActivityQuery, ActivityRow } from "./activity.ts";
import type { ClientAuth } from "./auth.ts";
import type { AgentCard, HeartbeatStats } from "./bodies.ts";
import type { RequestOptions } from "./call.ts";
import type { MessageOutcome } from "./classify-message.ts";
import type { DelegationOptions, Delegations } from "./delegations.ts";
import type { HeartbeatAccepted, Registered } from "./endpoints.ts";
import type { OnIssued, Receipt } from "./issued.ts";
import type { PlatformOptions, TokenRecovered } from "./platform.ts";
import type { LookFirstRequest, RegisterRequest } from "./register.ts";
import type { PlatformResult } from "./result.ts";
import type { MessageRequest } from "./send-message.ts";
import type { TokensClient } from "./tokens.ts";
import type { PeerInfo, WorkspaceInfo, WorkspaceState } from "./values.ts";

/** What makes one workspace's client of a platform's. */
export interface WorkspaceClientOptions {
  /** Signs the requests, for this platform. */
  readonly auth: ClientAuth;
  readonly workspaceId: string;
  /** For this workspace, in place of the platform's. */
  readonly onIssued?: OnIssued;
  /** For this workspace, in place of the platform's. */
  readonly onTokenRecovered?: (event: TokenRecovered) => void;
}

/** What a client is made of. */
export interface PlatformClientOptions extends PlatformOptions, WorkspaceClientOptions {}

/**
 * One workspace's requests to its platform. A failure is a result, not a rejection; only programming errors
 * reject. Requests go to the platform's origin and to no other, and redirects are not followed.
 */
export interface PlatformClient {
  readonly workspaceId: string;
  readonly platformOrigin: string;
  /** Says what the workspace is. Decide on URL and mode yourself, or take `registerLookFirst`. */
  register(request: RegisterRequest): Promise<PlatformResult<Registered>>;
  /**
   * Asks the platform about the workspace, then registers so that nothing breaks: a new one polls (or is pushed to, with a
   * `url`), a known one keeps its mode and URL, a removed one is not registered. When the platform does not say, only a
   * workspace with a bearer registers.
   */
  registerLookFirst(request: LookFirstRequest): Promise<PlatformResult<Registered>>;
  /** Says how the workspace fares. */
  heartbeat(stats?: HeartbeatStats, options?: RequestOptions): Promise<PlatformResult<HeartbeatAccepted>>;
  /** Replaces the agent card. */
  updateCard(card: AgentCard, options?: RequestOptions): Promise<PlatformResult<null>>;
  /** What anyone may know of the workspace. A removed one is a failure, `WORKSPACE_REMOVED`, unless it is included. */
  workspace(
    options?: RequestOptions & { readonly includeRemoved?: boolean },
  ): Promise<PlatformResult<WorkspaceInfo>>;
  /** What only its bearer may know. A removed workspace's is answered 401: then ask `workspace`. */
  state(options?: RequestOptions): Promise<PlatformResult<WorkspaceState>>;
  /** Reads the inbox, or other rows of what happened. */
  activity(query?: RequestOptions & ActivityQuery): Promise<PlatformResult<readonly ActivityRow[]>>;
  /** Reads what became of the delegations that this workspace made. */
  delegations(options?: RequestOptions & DelegationOptions): Promise<PlatformResult<Delegations>>;
  /** Sends a message to another workspace. `failure.sent` says whether it may have arrived. */
  sendMessage(message: MessageRequest): Promise<PlatformResult<MessageOutcome>>;
  /** Says something to the person who watches the workspace. */
  notify(request: RequestOptions & { readonly message: string }): Promise<PlatformResult<null>>;
  readonly tokens: TokensClient;
  /**
   * Revokes all tokens of an external workspace and receives a new one, in one step. With the answer lost the workspace is
   * locked out: keep a way back.
   */
  rotate(options?: RequestOptions): Promise<PlatformResult<Receipt>>;
  /** Whether the platform is there at all. */
  health(options?: RequestOptions): Promise<PlatformResult<{ readonly status: string }>>;
  /** The workspaces that this one may talk to. */
  peers(options?: RequestOptions): Promise<PlatformResult<readonly PeerInfo[]>>;
}
