import { type Awaitable, validateWorkspaceId } from "@x/auth-core";
import { type ActivityQuery, type ActivityRow, activityQuery } from "./activity.ts";
import type { ClientAuth } from "./auth.ts";
import { type AgentCard, type HeartbeatStats, heartbeatBody, registerBody, toJson } from "./bodies.ts";
import { call } from "./call.ts";
import type { MessageOutcome } from "./classify-message.ts";
import type { DelegationOptions, Delegations } from "./delegations.ts";
import * as endpoints from "./endpoints.ts";
import type { OnIssued, Receipt } from "./issued.ts";
import { plain } from "./plain.ts";
import {
  type Platform,
  type PlatformOptions,
  platformOf,
  type Sender,
  type TokenRecovered,
} from "./platform.ts";
import type { PlatformClient, PlatformClientOptions, WorkspaceClientOptions } from "./platform-client.ts";
import {
  type CheckAndRegisterRequest,
  mayGoUnsigned,
  planRegistration,
  type RegisterRequest,
  registerAsPlanned,
} from "./register.ts";
import { ask, type RequestOptions } from "./request.ts";
import type { PlatformFailure, PlatformResult } from "./result.ts";
import { type MessageRequest, sendMessage } from "./send-message.ts";
import { aborted } from "./sign.ts";
import { Tokens, type TokensClient } from "./tokens.ts";
import type { PeerInfo, WorkspaceInfo, WorkspaceState } from "./values.ts";

/**
 * Creates a client for one workspace.
 *
 * @throws AuthError `PLATFORM_URL_INVALID`, `WORKSPACE_ID_INVALID`; TypeError for an invalid `timeoutMs` or `userAgent`
 * @example
 * const client = createPlatformClient({ auth, platformUrl: "https://platform.example", workspaceId });
 * const result = await client.heartbeat({ uptimeSeconds: 30 });
 * if (!result.ok) console.error(result.failure.code, result.failure.message);
 */
export function createPlatformClient(options: PlatformClientOptions): PlatformClient {
  return new Client(platformOf(options), options);
}

/**
 * Creates clients for many workspaces of one platform. They share the options and the circuit breaker, so that even a
 * hundred thousand of them use little memory.
 *
 * @throws AuthError `PLATFORM_URL_INVALID`; TypeError for an invalid `timeoutMs` or `userAgent`
 */
export function createPlatformClients(
  options: PlatformOptions,
): (workspace: WorkspaceClientOptions) => PlatformClient {
  const platform = platformOf(options);
  return (workspace) => new Client(platform, workspace);
}

/** Client and `Sender` in one, so that each workspace is a single object. */
class Client implements PlatformClient, Sender {
  readonly platform: Platform;
  readonly auth: ClientAuth;
  readonly workspaceId: string;
  readonly onIssued: OnIssued | undefined;
  readonly onTokenRecovered: ((event: TokenRecovered) => void) | undefined;

  constructor(platform: Platform, options: WorkspaceClientOptions) {
    const { auth, workspaceId, onIssued, onTokenRecovered } = plain(options);
    this.platform = platform;
    this.auth = auth;
    this.workspaceId = validateWorkspaceId(workspaceId);
    this.onIssued = onIssued;
    this.onTokenRecovered = onTokenRecovered;
  }

  get platformOrigin(): string {
    return this.platform.origin;
  }

  get tokens(): TokensClient {
    return new Tokens(this);
  }

  async register(request: RegisterRequest): Promise<PlatformResult<endpoints.Registered>> {
    return this.#register(plain(request), () => mayGoUnsigned(plain(request)));
  }

  async checkAndRegister(request: CheckAndRegisterRequest): Promise<PlatformResult<endpoints.Registered>> {
    const own = plain(request);
    const { signal, prepareSignal = signal, timeoutMs } = own;
    const found = await this.workspace({ signal: prepareSignal, timeoutMs });
    if (prepareSignal?.aborted) return { ok: false, failure: aborted("no") };
    const plan = planRegistration(found, own);
    return registerAsPlanned(plan, own, this.workspaceId, (each, may) => this.#register(each, may));
  }

  heartbeat(
    stats: HeartbeatStats = {},
    options: RequestOptions = {},
  ): Promise<PlatformResult<endpoints.HeartbeatAccepted>> {
    const body = () => heartbeatBody(this.workspaceId, plain(stats));
    return this.#post(endpoints.HEARTBEAT, "registry/heartbeat", body, options);
  }

  updateCard(card: AgentCard, options: RequestOptions = {}): Promise<PlatformResult<null>> {
    const body = () => toJson({ workspace_id: this.workspaceId, agent_card: card });
    return this.#post(endpoints.UPDATE_CARD, "registry/update-card", body, options);
  }

  workspace(
    options: RequestOptions & { readonly includeRemoved?: boolean } = {},
  ): Promise<PlatformResult<WorkspaceInfo>> {
    const own = plain(options);
    const query = own.includeRemoved === true ? "?include_removed=true" : "";
    return call(this, endpoints.WORKSPACE, ask(`workspaces/${this.workspaceId}${query}`), own);
  }

  state(options: RequestOptions = {}): Promise<PlatformResult<WorkspaceState>> {
    return this.#get(endpoints.STATE, "state", options);
  }

  activity(query: RequestOptions & ActivityQuery = {}): Promise<PlatformResult<readonly ActivityRow[]>> {
    const own = plain(query);
    return this.#get(endpoints.activityEndpoint(own), `activity${activityQuery(own)}`, own);
  }

  delegations(options: RequestOptions & DelegationOptions = {}): Promise<PlatformResult<Delegations>> {
    const own = plain(options);
    return this.#get(endpoints.delegationsEndpoint(this.workspaceId, own), "delegations", own);
  }

  sendMessage(message: MessageRequest): Promise<PlatformResult<MessageOutcome>> {
    return sendMessage(this, plain(message));
  }

  notify(request: RequestOptions & { readonly message: string }): Promise<PlatformResult<null>> {
    const body = () => toJson({ message: request.message });
    return this.#post(endpoints.NOTIFY, `workspaces/${this.workspaceId}/notify`, body, request);
  }

  rotate(options: RequestOptions = {}): Promise<PlatformResult<Receipt>> {
    const path = `workspaces/${this.workspaceId}/external/rotate`;
    return call(this, endpoints.ROTATE, ask(path, "{}"), plain(options));
  }

  health(options: RequestOptions = {}): Promise<PlatformResult<{ readonly status: string }>> {
    return call(this, endpoints.HEALTH, ask("health"), plain(options));
  }

  peers(options: RequestOptions = {}): Promise<PlatformResult<readonly PeerInfo[]>> {
    return call(this, endpoints.PEERS, ask(`registry/${this.workspaceId}/peers`), plain(options));
  }

  #register(
    request: RegisterRequest & Pick<CheckAndRegisterRequest, "prepareSignal">,
    beforeUnsigned: () => Awaitable<PlatformFailure | null>,
  ) {
    const body = registerBody(this.workspaceId, request);
    const { prepareSignal } = request;
    const details = { path: "registry/register", body, beforeUnsigned, prepareSignal };
    return call(this, endpoints.REGISTER, details, request);
  }

  /** A body that JSON cannot represent is a rejection, too. Not async, to keep a waiting heartbeat small. */
  #post<T>(
    endpoint: endpoints.Endpoint<T>,
    path: string,
    body: () => string,
    options: RequestOptions,
  ): Promise<PlatformResult<T>> {
    try {
      return call(this, endpoint, ask(path, body()), plain(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #get<T>(
    endpoint: endpoints.Endpoint<T>,
    path: string,
    options: RequestOptions,
  ): Promise<PlatformResult<T>> {
    return call(this, endpoint, ask(`workspaces/${this.workspaceId}/${path}`), plain(options));
  }
}
