import type { PlatformFailure, PlatformResult } from "@x/platform-client";

/** What came of a registration or a heartbeat. */
export type Outcome = { readonly kind: "accepted" } | PlatformFailure;

const ACCEPTED: Outcome = { kind: "accepted" };

export const outcomeOf = (result: PlatformResult<unknown>): Outcome =>
  result.ok ? ACCEPTED : result.failure;

/** True when the platform answered, whatever it said. */
export const isAnswered = (outcome: Outcome): boolean =>
  outcome.kind !== "unavailable" && outcome.kind !== "circuit_open" && outcome.kind !== "aborted";
