import type { PlatformFailure } from "./result.ts";

/**
 * Routes that fail and are rate-limited together. `registry`: register and heartbeat. `workspaces`: all other reads and
 * writes. `messages`: the receiver may answer, which says nothing about the platform's health.
 */
export type RouteGroup = "registry" | "workspaces" | "messages";

/** What a request's outcome says about the platform. */
export interface BreakerOutcome {
  /**
   * `works`: it responded. `fails`: these routes do not work now, or must pause. `unreachable`: no response. `limited`:
   * only this workspace must pause. `unknown`: nothing to learn.
   */
  readonly health: "works" | "fails" | "unreachable" | "limited" | "unknown";
  readonly retryAfterMs: number;
}

export const WORKS: BreakerOutcome = { health: "works", retryAfterMs: 0 };
export const UNKNOWN: BreakerOutcome = { health: "unknown", retryAfterMs: 0 };

/** More about a request that got a 429. */
export interface LimitedBy {
  /** The response has the platform's own rate limit headers. */
  readonly isPlatformLimit: boolean;
  /** The platform counts this workspace's requests by its bearer token, not by tenant. */
  readonly isOwnBucket: boolean;
}

/**
 * @param failure `null` for a success
 */
export function outcomeFor(
  group: RouteGroup,
  failure: PlatformFailure | null,
  by: LimitedBy,
): BreakerOutcome {
  if (failure === null) return WORKS;
  const { kind, code, status, retryAfterMs } = failure;
  // Any other response shows that the platform is up; a request that was not sent shows nothing.
  if (kind !== "unavailable") return status > 0 || kind === "routing_error" ? WORKS : UNKNOWN;
  if (status === 0) {
    if (code !== "TIMEOUT") return { health: "unreachable", retryAfterMs };
    // A slow receiver is not an outage, and one slow route is not an unreachable platform.
    return group === "messages" ? UNKNOWN : { health: "fails", retryAfterMs };
  }
  if (status === 429 && by.isPlatformLimit && (by.isOwnBucket || group === "messages")) {
    return { health: "limited", retryAfterMs };
  }
  return group === "messages" ? UNKNOWN : { health: "fails", retryAfterMs };
}
