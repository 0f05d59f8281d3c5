import type { PlatformFailure, PlatformResult } from "@x/platform-client";

/** The result of a registration or a heartbeat. */
export type Outcome = { readonly kind: "accepted" } | PlatformFailure;

/** Nothing was sent: this runner may not do so now. */
export const WITHHELD: Outcome = {
  kind: "aborted",
  code: "WITHHELD",
  status: 0,
  message: "another runner may have the workspace",
  retryAfterMs: 0,
  sent: "no",
};

/** True when the platform accepts no heartbeats with this token, or none of this workspace. */
export const isRejection = ({ kind }: Outcome): boolean =>
  kind === "unauthorized" || kind === "forbidden" || kind === "not_found";

export const ACCEPTED: Outcome = { kind: "accepted" };

export const outcomeOf = (result: PlatformResult<unknown>): Outcome =>
  result.ok ? ACCEPTED : result.failure;

/** True when the platform answered, with any status. */
export const isAnswered = (outcome: Outcome): boolean =>
  outcome.kind !== "unavailable" && outcome.kind !== "circuit_open" && outcome.kind !== "aborted";
