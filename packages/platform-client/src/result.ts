import type { AuthErrorCode } from "@x/auth-core";
import type { PlatformErrorCode } from "./codes.ts";

/**
 * What a failure means for the caller. Branch on this and on `code`, never on the message.
 *
 * - `unauthorized`: 401, the platform rejects the token (or its token check has an outage)
 * - `forbidden`: 403 with a reason
 * - `not_found`: the workspace was removed, or never existed; for a message: the receiver
 * - `routing_error`: the request did not reach the platform's API: a redirect, an edge proxy, the tenant or Origin
 *   check
 * - `unavailable`: no response, 5xx, 429: try again later
 * - `invalid`: any other 4xx, an unusable response, or a request that could not be built
 * - `circuit_open`: nothing was sent, because the platform is down or asked to wait
 * - `aborted`: the caller's signal aborted
 */
export type FailureKind =
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "routing_error"
  | "unavailable"
  | "invalid"
  | "circuit_open"
  | "aborted";

/**
 * Whether the request may have been carried out: `no`, safe to repeat; `maybe`, the response is missing or unclear;
 * `yes`, it was, and only the response is unusable.
 */
export type Sent = "no" | "maybe" | "yes";

/** Why a request failed. Contains no secrets. */
export interface PlatformFailure {
  readonly kind: FailureKind;
  /**
   * Stable code of the cause: a `PlatformErrorCode`, an `AuthErrorCode`, a network error's code (`ECONNREFUSED`), or
   * `HTTP_` and the status for a response that is not in the contract.
   */
  readonly code: PlatformErrorCode | AuthErrorCode | (string & Record<never, never>);
  /** HTTP status; 0 without a response. */
  readonly status: number;
  /** For people: one line of at most 200 characters, without control characters and without the token. */
  readonly message: string;
  /** How long the platform or the circuit breaker asks to wait; 0: not at all. At most one hour. */
  readonly retryAfterMs: number;
  readonly sent: Sent;
  /** Origin of a redirect's target, if the response named one. Redirects are never followed. */
  readonly redirectOrigin?: string;
}

/** The platform's rate limit, from a response's `X-RateLimit-*` headers. */
export interface RateLimit {
  /** Requests per window. */
  readonly limit: number;
  /** Requests left in this window. */
  readonly remaining: number;
  /** Time until the next window. */
  readonly resetAfterMs: number;
}

/** A request's outcome: a value or a failure, never an exception. */
export type PlatformResult<T> =
  | {
      readonly ok: true;
      /** HTTP status, 200 to 299. */
      readonly status: number;
      readonly value: T;
      /** From sending the request to the end of the response. */
      readonly latencyMs: number;
      readonly rateLimit?: RateLimit;
    }
  | { readonly ok: false; readonly failure: PlatformFailure; readonly rateLimit?: RateLimit };
