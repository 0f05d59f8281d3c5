export { type ActivityQuery, type ActivityRow, parseActivity } from "./activity.ts";
export { advice, needsAction } from "./advice.ts";
export type { ClientAuth } from "./auth.ts";
export type { AgentCard, DeliveryMode, HeartbeatStats } from "./bodies.ts";
export type { BreakerOutcome, RouteGroup } from "./breaker-outcome.ts";
export { type CircuitBreaker, createCircuitBreaker, type Permit } from "./circuit-breaker.ts";
export { isUuid } from "./classify.ts";
export type { MessageOutcome } from "./classify-message.ts";
export { createPlatformClient, createPlatformClients } from "./client.ts";
export type { Clock } from "./clock.ts";
export type { PlatformErrorCode } from "./codes.ts";
export {
  type DelegationOptions,
  type Delegations,
  type FinishedDelegation,
  parseDelegations,
} from "./delegations.ts";
export type { HeartbeatAccepted, MintedToken, Registered } from "./endpoints.ts";
export { type BodyReader, type FetchLike, type FetchResponse, fetchTransport } from "./fetch-transport.ts";
export type { Issued, IssuingRoute, OnIssued, Receipt } from "./issued.ts";
export type { JsonObject } from "./json.ts";
export { networkErrorCode } from "./network-code.ts";
export type { PlatformOptions, RateLimitSeen, TokenRecovered } from "./platform.ts";
export type { PlatformClient, PlatformClientOptions, WorkspaceClientOptions } from "./platform-client.ts";
export { createRedactor, type Redactor } from "./redactor.ts";
export {
  type CheckAndRegisterRequest,
  planRegistration,
  type RegisterRequest,
  type RegistrationPlan,
} from "./register.ts";
export type { RequestOptions } from "./request.ts";
export type { FailureKind, PlatformFailure, PlatformResult, RateLimit, Sent } from "./result.ts";
export type { MessageRequest } from "./send-message.ts";
export { type PrintableOptions, printable } from "./text.ts";
export type { TokensClient } from "./tokens.ts";
export type { Transport, TransportRequest, TransportResponse } from "./transport.ts";
export type { PeerInfo, TokenInfo, WorkspaceInfo, WorkspaceState } from "./values.ts";
