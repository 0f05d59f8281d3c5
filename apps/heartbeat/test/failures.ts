import type { PlatformFailure } from "@x/platform-client";

/** A failure as `@x/platform-client` reports it: the platform rejected the request, unless the parts say otherwise. */
export const failure = (parts: Partial<PlatformFailure>): PlatformFailure => ({
  kind: "invalid",
  code: "BAD_REQUEST",
  status: 400,
  message: "400",
  retryAfterMs: 0,
  sent: "no",
  ...parts,
});

export const unauthorized = failure({ kind: "unauthorized", code: "TOKEN_REJECTED", status: 401 });

export const unreachable = failure({ kind: "unavailable", code: "ECONNREFUSED", status: 0 });

/** Nothing was sent, because a token could not be stored. */
export const notStorable = failure({ code: "STORAGE_WRITE_FAILED", status: 0 });

export const removed = failure({ kind: "not_found", code: "WORKSPACE_REMOVED", status: 410 });

export const circuitOpen = (retryAfterMs: number): PlatformFailure =>
  failure({ kind: "circuit_open", code: "CIRCUIT_OPEN", status: 0, retryAfterMs });
