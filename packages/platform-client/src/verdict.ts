import type { PlatformFailure } from "./result.ts";

/**
 * Routes that fail, and are limited, together: `registry` registers and sends heartbeats; `workspaces` is what is read and
 * written beside it; `messages` may be answered by the receiver, whose words say nothing about the platform.
 */
export type RouteGroup = "registry" | "workspaces" | "messages";

/** What a request's end says about the platform. */
export interface Verdict {
  /**
   * `works`: it answered. `fails`: these routes do not work now, or want a pause. `unreachable`: there was no answer.
   * `limited`: this workspace alone has to pause. `unknown`: nothing can be learned.
   */
  readonly health: "works" | "fails" | "unreachable" | "limited" | "unknown";
  readonly retryAfterMs: number;
}

export const WORKS: Verdict = { health: "works", retryAfterMs: 0 };
export const UNKNOWN: Verdict = { health: "unknown", retryAfterMs: 0 };

/** What else is known about a request that was answered 429. */
export interface LimitedBy {
  /** The answer has the headers of the platform's own rate limit. */
  readonly isPlatformLimit: boolean;
  /** The platform counts this workspace's requests by its bearer, not all of a tenant's together. */
  readonly isOwnBucket: boolean;
}

/**
 * @param failure `null`: none
 */
export function verdictOf(group: RouteGroup, failure: PlatformFailure | null, by: LimitedBy): Verdict {
  if (failure === null) return WORKS;
  const { kind, code, status, retryAfterMs } = failure;
  // Any answer but these shows that the platform is there; of what was not sent nothing can be said.
  if (kind !== "unavailable") return status > 0 || kind === "routing_error" ? WORKS : UNKNOWN;
  if (status === 0) {
    if (code !== "TIMEOUT") return { health: "unreachable", retryAfterMs };
    // A slow receiver is no outage, and a slow route is none of the platform.
    return group === "messages" ? UNKNOWN : { health: "fails", retryAfterMs };
  }
  if (status === 429 && by.isPlatformLimit && (by.isOwnBucket || group === "messages")) {
    return { health: "limited", retryAfterMs };
  }
  return group === "messages" ? UNKNOWN : { health: "fails", retryAfterMs };
}
