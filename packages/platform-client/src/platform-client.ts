import type { ActivityQuery, ActivityRow } from "./activity.ts";
import type { ClientAuth } from "./auth.ts";
import type { AgentCard, HeartbeatStats } from "./bodies.ts";
import type { MessageOutcome } from "./classify-message.ts";
import type { DelegationOptions, Delegations } from "./delegations.ts";
import type { HeartbeatAccepted, Registered } from "./endpoints.ts";
import type { OnIssued, Receipt } from "./issued.ts";
import type { PlatformOptions, TokenRecovered } from "./platform.ts";
import type { CheckAndRegisterRequest, RegisterRequest } from "./register.ts";
import type { RequestOptions } from "./request.ts";
import type { PlatformResult } from "./result.ts";
import type { MessageRequest } from "./send-message.ts";
import type { TokensClient } from "./tokens.ts";
import type { PeerInfo, WorkspaceInfo, WorkspaceState } from "./values.ts";

/** Options of one workspace's client. */
export interface WorkspaceClientOptions {
  /** Signs requests for this platform. */
  readonly auth: ClientAuth;
  readonly workspaceId: string;
  /** For this workspace; replaces the platform's. */
  readonly onIssued?: OnIssued;
  /** For this workspace; replaces the platform's. */
  readonly onTokenRecovered?: (event: TokenRecovered) => void;
}

/** Options of `createPlatformClient`. */
export interface PlatformClientOptions extends PlatformOptions, WorkspaceClientOptions {}

/**
 * One workspace's requests to its platform. Failures are results, not rejections; only programming errors reject.
 * Requests go to the platform's origin only, and redirects are not followed.
 */
export interface PlatformClient {
  readonly workspaceId: string;
  readonly platformOrigin: string;
  /** Registers the workspace. Choose URL and mode yourself, or use `checkAndRegister`. */
  register(request: RegisterRequest): Promise<PlatformResult<Registered>>;
  /**
   * Fetches the workspace's status first and registers accordingly: a new one polls (or gets pushes, with a `url`), a
   * known one keeps its mode and URL, a removed one is not registered. If the status is unavailable, only a workspace
   * with a bearer token registers.
   */
  checkAndRegister(request: CheckAndRegisterRequest): Promise<PlatformResult<Registered>>;
  /** Reports the workspace's status. */
  heartbeat(stats?: HeartbeatStats, options?: RequestOptions): Promise<PlatformResult<HeartbeatAccepted>>;
  /** Replaces the agent card. */
  updateCard(card: AgentCard, options?: RequestOptions): Promise<PlatformResult<null>>;
  /** The workspace's public information. A removed one is a failure, `WORKSPACE_REMOVED`, unless included. */
  workspace(
    options?: RequestOptions & { readonly includeRemoved?: boolean },
  ): Promise<PlatformResult<WorkspaceInfo>>;
  /** The workspace's state, for its own bearer only. A removed workspace gets a 401: then call `workspace`. */
  state(options?: RequestOptions): Promise<PlatformResult<WorkspaceState>>;
  /** Reads the inbox, or other activity rows. */
  activity(query?: RequestOptions & ActivityQuery): Promise<PlatformResult<readonly ActivityRow[]>>;
  /** Reads the results of this workspace's delegations. */
  delegations(options?: RequestOptions & DelegationOptions): Promise<PlatformResult<Delegations>>;
  /** Sends a message to another workspace. `failure.sent` says whether it may have arrived. */
  sendMessage(message: MessageRequest): Promise<PlatformResult<MessageOutcome>>;
  /** Sends a message to the workspace's owner. */
  notify(request: RequestOptions & { readonly message: string }): Promise<PlatformResult<null>>;
  readonly tokens: TokensClient;
  /**
   * Revokes all tokens of an external workspace and receives a new one, in one step. If the response is lost, the
   * workspace is locked out: keep a second token.
   */
  rotate(options?: RequestOptions): Promise<PlatformResult<Receipt>>;
  /** Whether the platform is reachable. */
  health(options?: RequestOptions): Promise<PlatformResult<{ readonly status: string }>>;
  /** The workspaces that this one may send messages to. */
  peers(options?: RequestOptions): Promise<PlatformResult<readonly PeerInfo[]>>;
}
