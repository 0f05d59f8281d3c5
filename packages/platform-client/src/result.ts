import type { AuthErrorCode } from "@x/auth-core";
import type { PlatformErrorCode } from "./codes.ts";

/**
 * What a failure means for the caller. Decide on this and on `code`, never on the message.
 *
 * - `unauthorized`: 401, the platform does not accept the token (or had an outage while it checked it)
 * - `forbidden`: 403 with a reason
 * - `not_found`: the workspace was removed, or never existed; for a message: its receiver
 * - `routing_error`: the request did not reach the platform's API: a redirect, an edge, the tenant guard, the Origin check
 * - `unavailable`: no answer, 5xx, 429: worth another try later
 * - `invalid`: any other 4xx, an answer that makes no sense, or a request that could not be made
 * - `circuit_open`: nothing was sent, because the platform is down or asked for a pause
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
 * Whether what was asked for may have happened: `no`, repeating is safe; `maybe`, the answer is missing or does not say;
 * `yes`, it did, and only the answer is of no use.
 */
export type Sent = "no" | "maybe" | "yes";

/** Why a request failed. Holds no secret. */
export interface PlatformFailure {
  readonly kind: FailureKind;
  /**
   * Stable name of the cause: one of `PlatformErrorCode`, an `AuthErrorCode`, a network error's code (`ECONNREFUSED`), or
   * `HTTP_` and the status for an answer that the contract does not know.
   */
  readonly code: PlatformErrorCode | AuthErrorCode | (string & Record<never, never>);
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  /** For people: at most 200 characters, one line, without control characters and without the token. */
  readonly message: string;
  /** How long the platform, or the circuit breaker, asks to wait; 0 when neither does. At most one hour. */
  readonly retryAfterMs: number;
  readonly sent: Sent;
  /** Origin that a redirect points to, where the answer named one. Redirects are never followed. */
  readonly redirectOrigin?: string;
}

/** The platform's rate limit as an answer stated it (`X-RateLimit-*`). */
export interface RateLimit {
  /** Requests in a window. */
  readonly limit: number;
  /** Requests left in this window. */
  readonly remaining: number;
  /** Until the next window begins. */
  readonly resetAfterMs: number;
}

/** What became of a request: a value or a failure, never an exception. */
export type PlatformResult<T> =
  | {
      readonly ok: true;
      /** HTTP status, 200 to 299. */
      readonly status: number;
      readonly value: T;
      /** From sending the request to the end of its answer. */
      readonly latencyMs: number;
      readonly rateLimit?: RateLimit;
    }
  | { readonly ok: false; readonly failure: PlatformFailure; readonly rateLimit?: RateLimit };
